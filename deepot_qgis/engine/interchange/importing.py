"""Other people's offsets as displacement products of this plugin, one for each pair."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from .. import dates, output, product, provenance
from ..callbacks import Cancelled, Progress, Share
from ..errors import CancelledError, DeepotError, InputError, OptionsError
from ..files import refuse_inputs, require_room, whole_files
from ..quality import Reason
from ..timeseries.assemble import make_folder
from .mintpy_components import velocity_pair
from .opening import ReadingOptions, open_file
from .radar import Look
from .rows import row_blocks
from .sources import GroundPair


@dataclass(frozen=True)
class ImportOptions:
    """What is taken in, and where it goes.

    Attributes
    ----------
    paths : tuple of str
        Files of offsets.
    folder : str
        Where the products go, as ``YYYYMMDD_YYYYMMDD.tif`` with a JSON beside; made when it is not there.
    reading : ReadingOptions
    """

    paths: tuple[str, ...]
    folder: str
    reading: ReadingOptions = field(default_factory=ReadingOptions)

    def __post_init__(self) -> None:
        if not self.paths:
            raise OptionsError("Choose at least one file of offsets to import.")
        if self.reading.first and len(self.paths) > 1:
            raise OptionsError("Dates can be given for one file only; name the files such as 20130510_20131025.tif.")


@dataclass(frozen=True)
class ImportResult:
    """What was made.

    Attributes
    ----------
    products : tuple of str
        Paths of displacement products.
    messages : tuple of str
        What was taken for granted.
    failures : tuple of str
        A sentence for each file or pair that could not be imported.
    """

    products: tuple[str, ...]
    messages: tuple[str, ...]
    failures: tuple[str, ...]


def import_offsets(
    options: ImportOptions, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> ImportResult:
    """Import files of offsets; one that fails is told at the end and the others are kept.

    Raises
    ------
    DeepotError
        Nothing could be imported (the first failure), or the folder cannot be written.
    CancelledError
        `cancelled` returned True; the products finished until then are kept.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    make_folder(options.folder)
    opened, failures = _open(options)
    products: list[str] = []
    messages: list[str] = []
    digests: dict[str, str | None] = {}  # a stack holds many pairs and is read once for this
    for number, (path, pair) in enumerate(opened):
        if path not in digests:
            digests[path] = provenance.sha256(path, cancelled)
        source = {"path": path, "sha256": digests[path], "pair": pair.name}
        target = os.path.join(options.folder, _name(pair, {os.path.basename(name) for name in products}))

        def advance(share: float, done: int = number) -> None:
            progress((done + share) / len(opened), "Importing pairs")

        try:
            write_product(pair, target, [source], asdict(options.reading), advance, cancelled)
        except CancelledError:
            raise
        except DeepotError as error:
            failures.append(error)
            continue
        products.append(target)
        messages.extend(note for note in pair.notes if note not in messages)
    if not products:
        raise failures[0]
    progress(1.0, "Done")
    return ImportResult(tuple(products), tuple(messages), tuple(str(error) for error in failures))


def import_velocity(
    first: str,
    second: str,
    folder: str,
    look: Look | None = None,
    progress: Progress | None = None,
    cancelled: Cancelled | None = None,
) -> ImportResult:
    """Import two ``velocity.h5`` of MintPy as the displacement between their first and last date.

    Parameters
    ----------
    first, second : str
        East and north; or line of sight and azimuth with `look`.
    folder : str
        Where the product goes; made when it is not there.
    look : Look, optional

    Raises
    ------
    DeepotError
        A file is no velocity, or the two do not belong together.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    make_folder(folder)
    pair = velocity_pair(first, second, look)
    target = os.path.join(folder, _name(pair, set()))
    sources = [{"path": path, "sha256": provenance.sha256(path, cancelled)} for path in (first, second)]
    reading = {"look": look and asdict(look)}
    write_product(pair, target, sources, reading, lambda share: progress(share, "Importing velocity"), cancelled)
    progress(1.0, "Done")
    return ImportResult((target,), pair.notes, ())


def _open(options: ImportOptions) -> tuple[list[tuple[str, GroundPair]], list[DeepotError]]:
    opened: list[tuple[str, GroundPair]] = []
    failures: list[DeepotError] = []
    for path in options.paths:
        try:
            opened.extend((path, pair) for pair in open_file(path, options.reading))
        except DeepotError as error:
            failures.append(error)
    return opened, failures


def _name(pair: GroundPair, taken: set[str]) -> str:
    """Name by the two dates; a second product of one pair gets a number."""
    stem = f"{pair.first:%Y%m%d}_{pair.second:%Y%m%d}"
    if pair.first.date() == pair.second.date():
        stem = f"{pair.first:%Y%m%dT%H%M%S}_{pair.second:%Y%m%dT%H%M%S}"
    name, number = f"{stem}.tif", 1
    while name in taken:
        number += 1
        name = f"{stem}_{number}.tif"
    return name


def write_product(
    pair: GroundPair,
    target: str,
    sources: Sequence[Mapping[str, Any]],
    reading: Mapping[str, Any],
    advance: Share,
    cancelled: Cancelled,
) -> None:
    """Write the product of one pair and its record.

    Parameters
    ----------
    pair : GroundPair
    target : str
        Path of the GeoTIFF.
    sources : sequence of mapping
        Of each file it comes from: path, sha256.
    reading : mapping
        How it was read, for the record.
    advance : callable
        Called with the share that is done.
    cancelled : callable

    Raises
    ------
    InputError
        There is nothing but nodata in it.
    """
    refuse_inputs(target, [source["path"] for source in sources])
    record = _record(pair, sources, reading)
    grid = pair.grid
    require_room(target, 4 * len(product.BANDS) * grid.width * grid.height)
    beside = os.path.splitext(target)[0] + ".json"
    with whole_files({"product": target, "record": beside}) as path:
        writer = output.GeoTiffWriter(path["product"], grid, product.bands("m"))
        statistics = product.Statistics(grid.width * grid.height)
        for y0, height in row_blocks(grid.width, grid.height, len(product.BANDS) + 4):
            if cancelled():
                raise CancelledError("Cancelled; the pairs that were finished are kept.")
            advance(y0 / grid.height)
            planes = product_planes(*pair.read(0, y0, grid.width, height))
            statistics.add(planes)
            writer.write(planes)
        record["statistics"] = statistics.summary()
        if not record["statistics"]["good"]:
            raise InputError(
                f"{pair.name} holds no single measurement, only nodata; is it the right file, and are its bands "
                "offsets?"
            )
        writer.finish(_tags(record), cancelled)
        provenance.write(path["record"], record)


def product_planes(east: np.ndarray, north: np.ndarray, sigma: np.ndarray) -> np.ndarray:
    """Bands of a displacement product, float32 ``(7, rows, width)``; the correlation is not known."""
    direction = np.degrees(np.arctan2(east, north)) % np.float32(360)
    direction[direction == 360] = 0
    why = np.where(np.isfinite(east), np.float32(Reason.GOOD), np.float32(Reason.NODATA))
    unknown = np.full_like(east, np.nan)
    return np.stack([east, north, np.hypot(east, north), direction, sigma, unknown, why]).astype(np.float32)


def _record(pair: GroundPair, sources: Sequence[Mapping[str, Any]], reading: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "inputs": {
            "offsets": list(sources),
            "reference": {"date": dates.text(pair.first)},
            "secondary": {"date": dates.text(pair.second)},
        },
        "days": pair.days,
        "unit": "m",
        "crs": pair.grid.crs_name(),
        "geotransform": pair.grid.geotransform,
        "estimator": {"name": "import"},
        "import": dict(reading),
        "messages": list(pair.notes),
        "versions": provenance.versions(None),
    }


def _tags(record: Mapping[str, Any]) -> dict[str, str]:
    return {
        provenance.TAG: provenance.text(record),
        "DEEPOT_VERSION": record["versions"]["deepot"],
        "REFERENCE_DATE": record["inputs"]["reference"]["date"],
        "SECONDARY_DATE": record["inputs"]["secondary"]["date"],
        "DAYS": f"{record['days']:g}",
        "UNIT": record["unit"],
        "ESTIMATOR": record["estimator"]["name"],
    }


def summary(result: ImportResult) -> Sequence[str]:
    """What was made, as sentences."""
    lines = [*result.messages, *result.failures]
    count = len(result.products)
    lines.append(f"{count} displacement product{'s' if count > 1 else ''} imported.")
    return lines
