"""Refining a product, and looking beforehand at what that would do."""

from __future__ import annotations

import time
from dataclasses import replace

from .. import provenance
from ..callbacks import Cancelled, Progress
from ..errors import CancelledError, OptionsError
from ..files import others, whole_files
from .options import RefineOptions
from .record import record, tags
from .result import RefineResult, Survivors
from .work import Files, Work

#: Shares of the progress bar at which the first block is made, and at which files are closed.
_BEGUN, _WRITING = 0.02, 0.95


def preview(options: RefineOptions, cancelled: Cancelled | None = None) -> Survivors:
    """Count what would survive, on a thinned grid, without writing anything.

    Rasters of up to `source.WHOLE_PX` pixels are looked at whole; the counts are then those of `refine`.

    Raises
    ------
    DeepotError
        An input cannot be used; see `refine`.
    """
    cancelled = cancelled or (lambda: False)
    work = Work(options)
    found = work.count()
    if cancelled():
        raise CancelledError("Cancelled; nothing was written.")
    found = replace(found, stable=work.ground()[1])
    return replace(found, messages=work.messages(found))


def refine(
    options: RefineOptions, progress: Progress | None = None, cancelled: Cancelled | None = None
) -> RefineResult:
    """Mask and reference a finished product anew, and write the result as another.

    Parameters
    ----------
    options : RefineOptions
    progress : callable, optional
        Called with the share that is done (0..1) and what is being done.
    cancelled : callable, optional
        Asked often; when it returns True the run ends.

    Returns
    -------
    RefineResult

    Raises
    ------
    DeepotError
        An input cannot be used, there is too little stable ground, or the result cannot be written; `CancelledError`
        when the user cancelled. In every case nothing is left under a final name.
    """
    progress, cancelled = progress or (lambda share, what: None), cancelled or (lambda: False)
    started = time.monotonic()
    if not options.output:
        raise OptionsError("There is no name for the refined product; give one.")
    progress(0.0, "Reading the product")
    work = Work(options)
    targets = work.targets()
    work.require_outputs(targets)
    progress(_BEGUN / 2, "Looking at stable ground")
    taken, stable = work.ground()
    made = record(work.product, options, taken, stable, cancelled)
    with whole_files(targets) as path:
        with Files(path, work.product.grid, work.product.unit, work.velocity_unit) as files:
            found, statistics = work.write(
                files, taken, lambda share: progress(_BEGUN + (_WRITING - _BEGUN) * share, "Refining"), cancelled
            )
            found = replace(found, stable=stable)
            found = replace(found, messages=(*work.messages(found), *others(targets.values())))
            made["statistics"], made["messages"] = statistics.summary(), found.messages
            progress(_WRITING, "Writing the files")
            files.finish(tags(work.product, made), cancelled)
        provenance.write(path["provenance"], made)
        if cancelled():
            raise CancelledError("Cancelled; nothing was written.")
    progress(1.0, "Done")
    return RefineResult(
        product=options.output,
        provenance=options.provenance_path,
        velocity=targets.get("velocity"),
        offsets=work.product.offsets,
        survivors=found,
        statistics=made["statistics"],
        messages=found.messages,
        reference_date=work.product.first,
        secondary_date=work.product.second,
        days=work.product.days,
        unit=work.product.unit,
        velocity_unit=work.velocity_unit,
        seconds=time.monotonic() - started,
    )
