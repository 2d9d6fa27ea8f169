"""``refine``: limits, masks and stable ground of a finished product, without measuring again."""

from __future__ import annotations

import argparse
import os
from dataclasses import replace

from ..callbacks import Cancelled
from ..displacement import VELOCITY_UNITS
from ..errors import OptionsError
from ..quality import REASON_NAMES, Reason
from ..reference import ReferenceOptions
from ..refine import Mask, RefineOptions, Survivors, measure_backward, preview, refine, stable_area
from ..refine.options import SIGMA_UNITS
from .bar import Bar
from .stopping import stoppable
from .styling import style_pair


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``refine``."""
    command = commands.add_parser("refine", help="mask and reference a finished product anew")
    command.add_argument("product", metavar="DISPLACEMENT.tif")
    command.add_argument("output", metavar="OUT.tif", nargs="?", default="", help="not needed with --preview")
    default = RefineOptions("product")
    limits = command.add_argument_group("limits (default: those of the measurement)")
    limits.add_argument("--max-sigma", type=float, metavar="S", help="largest 1-sigma error of a component")
    limits.add_argument("--sigma-unit", choices=SIGMA_UNITS, default=default.sigma_unit)
    limits.add_argument(
        "--min-correlation", type=float, metavar="R", help="smallest correlation after the motion, 0..1"
    )
    limits.add_argument(
        "--offsets", metavar="OFFSETS.tif", help="unfiltered offsets (default DISPLACEMENT_offsets.tif)"
    )
    directions = command.add_argument_group("forward and backward")
    back = directions.add_mutually_exclusive_group()
    back.add_argument("--backward", metavar="OFFSETS.tif", help="unfiltered offsets of the pair with images exchanged")
    back.add_argument(
        "--measure-backward", action="store_true", help="measure them now, and keep them as OUT_backward_offsets.tif"
    )
    directions.add_argument("--max-disagreement", type=float, default=default.max_disagreement_px, metavar="PX",
                         help="largest distance between there and back (default %(default)s)")  # fmt: skip
    masks = command.add_argument_group("masks: polygons, or rasters that are not 0 where masked; each may be repeated")
    masks.add_argument("--mask", action="append", default=[], metavar="FILE", help="leave out: water, vegetation")
    masks.add_argument("--keep", action="append", default=[], metavar="FILE", help="leave out what is outside of it")
    masks.add_argument("--layover", action="append", default=[], metavar="FILE", help="leave out layover and shadow")
    stable = command.add_argument_group("stable ground")
    stable.add_argument("--stable", metavar="slowest|FILE|WKT", help="take out what is seen on the pixels that move "
                        "least, or inside polygons")  # fmt: skip
    stable.add_argument("--share", type=float, default=ReferenceOptions().share, help="of the pixels, for 'slowest'")
    stable.add_argument("--ramp", action="store_true", help="take out a plane as well as a shift")
    velocity = command.add_mutually_exclusive_group()
    velocity.add_argument("--velocity", metavar="VELOCITY.tif", help="(default OUT_velocity.tif, where there was one)")
    velocity.add_argument("--no-velocity", dest="velocity", action="store_const", const="")
    command.add_argument("--velocity-unit", choices=tuple(VELOCITY_UNITS), help="(default: as it was)")
    command.add_argument("--preview", action="store_true", help="only count what would survive")
    command.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> None:
    same = ("product", "output", "max_sigma", "sigma_unit", "min_correlation", "offsets", "backward", "velocity",
            "velocity_unit")  # fmt: skip
    options = RefineOptions(
        **{name: getattr(parsed, name) for name in same},
        max_disagreement_px=parsed.max_disagreement,
        masks=_masks(parsed),
        reference=_reference(parsed),
    )
    if not (parsed.preview or parsed.output):
        raise OptionsError("There is no name for the refined product; give OUT.tif, or --preview.")
    with stoppable() as stopped:
        if parsed.measure_backward:
            if not parsed.output:
                raise OptionsError("--measure-backward needs OUT.tif, beside which the offsets are kept.")
            beside = os.path.splitext(parsed.output)[0] + "_backward_offsets.tif"
            options = replace(options, backward=measure_backward(parsed.product, beside, Bar(), stopped))
        if parsed.preview:
            show(preview(options, stopped))
        else:
            run(options, stopped)


def run(options: RefineOptions, stopped: Cancelled) -> None:
    """Refine, and print what came out."""
    result = refine(options, Bar(), stopped)
    show(result.survivors)
    print(f"Product: {result.product}")
    style_pair(result.product, result.velocity)  # the offsets are those of the measurement, which has styled them


def show(found: Survivors) -> None:
    """Print how many pixels survive, and why the others do not."""
    for message in found.messages:
        print(message)
    print(f"Good pixels: {100 * found.good_before:.1f} % before, {100 * found.good:.1f} % after.")
    for reason, name in REASON_NAMES.items():
        count = found.after.get(reason, 0)
        if count and reason not in (Reason.GOOD, Reason.NODATA, Reason.USER_MASK):
            print(f"  {100 * found.share(reason):5.1f} % {name}")


def _masks(parsed: argparse.Namespace) -> tuple[Mask, ...]:
    return (
        *(Mask(path) for path in parsed.mask),
        *(Mask(path, outside=True) for path in parsed.keep),
        *(Mask(path, reason=Reason.LAYOVER_SHADOW) for path in parsed.layover),
    )


def _reference(parsed: argparse.Namespace) -> ReferenceOptions:
    if not parsed.stable:
        return ReferenceOptions("none")
    if parsed.stable == "slowest":
        return ReferenceOptions("slowest", ramp=parsed.ramp, share=parsed.share)
    area = parsed.stable
    if os.path.exists(area):
        area = stable_area(area, parsed.product)
    return ReferenceOptions("area", area, parsed.ramp)
