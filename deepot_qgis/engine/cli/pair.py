"""``pair``: the displacement between two images; ``rerun``: the same once more from its record."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from .. import provenance
from ..derived import options_of as derived_options
from ..displacement import VELOCITY_UNITS
from ..measure import METHODS, MeasureOptions, MeasureResult, again, measure
from ..recipe import Images, Recipe
from ..recipe import read as read_recipe
from ..refine.record import is_refinement
from ..refine.record import options_of as refinement_options
from ..stages import Clock
from .bar import Bar
from .reading import add_reading, add_tiles
from .refine import run as run_refinement
from .stopping import stoppable
from .styling import style_pair
from .terrain import run_again as run_derived

#: Options that the command line and a recipe call the same.
_AS_IN_A_RECIPE = (
    "radiometry", "reference_band", "secondary_band", "area", "method", "model", "device", "velocity_unit", "resume",
)  # fmt: skip


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``pair`` and ``rerun``."""
    pair = commands.add_parser("pair", help="measure the displacement between two images")
    pair.add_argument("paths", metavar="REF SEC OUT.tif", nargs="+", help="the two images, which a recipe may name "
                      "instead, and the displacement product")  # fmt: skip
    pair.add_argument(
        "--recipe",
        action=_TakeRecipe,
        default=Recipe(),
        metavar="FILE",
        help="take the options from a JSON that the panel saved; options that follow change them",
    )
    default = MeasureOptions("reference", "secondary", "output")
    pair.add_argument("--method", choices=METHODS, default=default.method)
    add_reading(pair, default)
    pair.add_argument("--offsets", metavar="OFFSETS.tif", help="unfiltered pixel offsets (default OUT_offsets.tif)")
    pair.add_argument("--velocity", metavar="VELOCITY.tif", help="write a velocity as well")
    pair.add_argument("--velocity-unit", choices=tuple(VELOCITY_UNITS), default=default.velocity_unit)
    pair.add_argument("--min-correlation", type=float, default=default.quality.min_correlation, metavar="R")
    pair.add_argument("--max-sigma", type=float, default=default.quality.max_sigma_px, metavar="PX")
    add_tiles(pair)
    pair.add_argument("--profile", action="store_true", help="print where the time went")
    pair.add_argument(
        "--resume",
        action="store_true",
        help="keep finished rows beside OUT.tif until it is whole, and go on where an interrupted run stopped",
    )
    pair.set_defaults(run=_run, complain=pair.error)
    again_ = commands.add_parser("rerun", help="run again from the JSON beside a product")
    again_.add_argument("record", metavar="PRODUCT.json")
    again_.add_argument("output", metavar="OUT.tif")
    again_.set_defaults(run=_run_again)


class _TakeRecipe(argparse.Action):
    """Put a recipe's options where those of the command line go; what follows it on the line overrides it."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, path: Any, option: str | None = None) -> None:
        recipe = read_recipe(path)
        namespace.recipe = recipe
        for name in _AS_IN_A_RECIPE:
            setattr(namespace, name, getattr(recipe, name))
        namespace.min_correlation, namespace.max_sigma = recipe.quality.min_correlation, recipe.quality.max_sigma_px
        namespace.tile, namespace.context = recipe.tile_px, recipe.context_px


def _run(parsed: argparse.Namespace) -> None:
    recipe = parsed.recipe
    quality = replace(recipe.quality, min_correlation=parsed.min_correlation, max_sigma_px=parsed.max_sigma)
    changed = {name: getattr(parsed, name) for name in _AS_IN_A_RECIPE}
    recipe = replace(recipe, quality=quality, tile_px=parsed.tile, context_px=parsed.context, **changed)
    options = recipe.options(parsed.paths[-1], _images(parsed, recipe))
    beside = {name: getattr(parsed, name) for name in ("offsets", "velocity") if getattr(parsed, name)}
    _measure(replace(options, **beside), parsed.profile)


def _images(parsed: argparse.Namespace, recipe: Recipe) -> Images:
    """The images of the command line, else those of the recipe; dates of the command line come first."""
    if len(parsed.paths) == 3:
        images = Images(*parsed.paths[:2])
    elif len(parsed.paths) == 1 and recipe.images is not None:
        images = recipe.images
    else:  # ends the command
        parsed.complain("Give REF SEC OUT.tif; with a recipe that names the images, OUT.tif alone is enough.")
    dates = {name: getattr(parsed, name) for name in ("reference_date", "secondary_date") if getattr(parsed, name)}
    return replace(images, **dates)


def _run_again(parsed: argparse.Namespace) -> None:
    if is_refinement(parsed.record):
        with stoppable() as stopped:
            run_refinement(refinement_options(parsed.record, parsed.output), stopped)
        return
    made = derived_options(parsed.record, parsed.output)
    if made is not None:
        run_derived(made)
        return
    _measure(again(MeasureOptions.from_record(provenance.read_options(parsed.record)), parsed.output))


def _measure(options: MeasureOptions, profile: bool = False) -> None:
    clock = Clock()
    with stoppable() as stopped:
        result = measure(options, progress=Bar(), cancelled=stopped, clock=clock)
    _show(result)
    style_pair(result.product, result.velocity, result.offsets)
    if profile:
        print(clock.table())


def _show(result: MeasureResult) -> None:
    for message in result.messages:
        print(message)
    numbers = result.statistics
    by = f"model {result.model}" if result.model else "conventional offset tracking"
    device = f"{result.device} ({result.device_name})" if result.device_name else result.device
    print(f"Measured by {by} on {device} in {result.seconds:.1f} s.")
    if numbers["median_magnitude"] is not None:
        print(
            f"Magnitude: median {numbers['median_magnitude']:.3f} {result.unit}, 95 % {numbers['p95_magnitude']:.3f} "
            f"{result.unit}; median sigma {numbers['median_sigma']:.3f} {result.unit}."
        )
    masked = "".join(f", {100 * share:.1f} % {reason}" for reason, share in numbers["masked"].items())
    print(f"Pixels with data: {100 * numbers['covered']:.1f} %, good of these {100 * numbers['good']:.1f} %{masked}.")
    print(f"Product: {result.product}")
