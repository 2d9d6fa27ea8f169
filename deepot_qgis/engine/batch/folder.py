"""A folder of dated images as jobs: the pairs of a network, as a series measures them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace

from .. import dates as dating
from .. import network
from ..jobs.job import Job
from ..measure import MeasureOptions
from ..network import NetworkOptions
from ..timeseries.acquisitions import check_grids, find_acquisitions
from ..timeseries.pairs import pair_name


def read_folder(
    folder: str, output: str, options: NetworkOptions, template: MeasureOptions, dates: Mapping[str, str] | None = None
) -> tuple[tuple[Job, ...], tuple[str, ...]]:
    """Jobs of a folder of images on one grid, and what to know of the images, as sentences.

    Parameters
    ----------
    folder : str
    output : str
        Folder of the products, which are called by their dates.
    options : NetworkOptions
        Which dates are paired.
    template : MeasureOptions
        How each pair is measured; its paths and dates are not looked at, and its reference's band is everyone's.
    dates : mapping, optional
        As of `find_acquisitions`.

    Raises
    ------
    InputError
        There are no images, or no two of them make a pair.
    GridMismatchError
        The images do not lie on one grid.
    """
    images, damaged = check_grids(find_acquisitions(folder, template.reference_band, dates))
    jobs = []
    for first, second in network.pairs([image.date for image in images], options):
        name = pair_name(images[first], images[second])
        jobs.append(
            Job(
                name,
                replace(
                    template,
                    reference=images[first].path,
                    secondary=images[second].path,
                    output=os.path.join(output, name + ".tif"),
                    offsets=None,
                    velocity=None,
                    reference_band=images[first].band,
                    secondary_band=images[second].band,
                    reference_date=dating.text(images[first].date),
                    secondary_date=dating.text(images[second].date),
                ),
            )
        )
    return tuple(jobs), tuple(f"Left out: {sentence}" for sentence in damaged)
