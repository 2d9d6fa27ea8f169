"""A recipe: how a pair is read, measured and shown, as JSON that people can read, keep and pass on.

What a recipe leaves out has its default, so that one written by hand may be three lines long. The two images may be
part of it; their paths are kept relative to the recipe where they lie below its folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from deepot_qgis.__about__ import VERSION

from . import amplitude, displacement, provenance, runtime, values
from .correlation import CorrelationOptions
from .errors import InputError, OptionsError
from .files import whole_file
from .local import require_plain
from .measure import METHODS, MeasureOptions
from .model import DEFAULT_MODEL
from .quality import QualityOptions

#: Of the format; a recipe of a later one is refused.
FORMAT = 1
_FORMAT_KEY = "deepot_recipe"
#: Bytes; a recipe is a page of text.
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Images:
    """Which two images: paths, and dates as ISO text (None: as the files say)."""

    reference: str
    secondary: str
    reference_date: str | None = None
    secondary_date: str | None = None


@dataclass(frozen=True)
class Recipe:
    """What a person chooses for a pair.

    Attributes
    ----------
    radiometry, reference_band, secondary_band, area
        See `pair.PairOptions`.
    method, model, device, correlation, quality, tile_px, context_px, resume
        See `measure.MeasureOptions`.
    velocity : bool
        Whether a velocity is written too, in `velocity_unit`.
    velocity_unit : str
    arrows, offsets : bool
        Whether arrows and unfiltered offsets are shown on the map.
    images : Images or None
    """

    radiometry: str = "auto"
    reference_band: int = 1
    secondary_band: int = 1
    area: str | None = None
    method: str = "model"
    model: str = DEFAULT_MODEL
    device: str = "auto"
    correlation: CorrelationOptions = field(default_factory=CorrelationOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    tile_px: int | None = None
    context_px: int | None = None
    resume: bool = False
    velocity: bool = False
    velocity_unit: str = "m/yr"
    arrows: bool = True
    offsets: bool = False
    images: Images | None = None

    def __post_init__(self) -> None:
        for name, known in (
            ("radiometry", amplitude.RADIOMETRIES),
            ("method", METHODS),
            ("device", runtime.DEVICES),
            ("velocity_unit", tuple(displacement.VELOCITY_UNITS)),
        ):
            values.one_of(name, getattr(self, name), known)

    def options(self, output: str, images: Images | None = None) -> MeasureOptions:
        """Return what the recipe makes of two images: those given, else its own.

        Parameters
        ----------
        output : str
            Path of the displacement product.
        images : Images, optional

        Raises
        ------
        OptionsError
            There are no images, or an option has a value it cannot have.
        """
        images = images or self.images
        if images is None:
            raise OptionsError("The recipe names no images; give the reference and the secondary.")
        return MeasureOptions(
            **asdict(images),
            output=output,
            velocity=f"{os.path.splitext(output)[0]}_velocity.tif" if self.velocity else None,
            **{item.name: getattr(self, item.name) for item in fields(MeasureOptions) if item.name in _SHARED},
        )


#: Options that a recipe and a measurement call the same.
_SHARED = {item.name for item in fields(Recipe)} & {item.name for item in fields(MeasureOptions)} - {
    "offsets",  # a path there, shown on the map or not here
    "velocity",
}
_NESTED = {"correlation": CorrelationOptions, "quality": QualityOptions, "images": Images}


def write(path: str, recipe: Recipe) -> None:
    """Write a recipe.

    Raises
    ------
    OutputError
        The file cannot be written.
    """
    record: dict[str, Any] = {_FORMAT_KEY: FORMAT, "written_by": f"DeepOT {VERSION}", **asdict(recipe)}
    if recipe.images is None:
        del record["images"]
    else:
        record["images"].update(
            {name: _from_recipe(getattr(recipe.images, name), path) for name in ("reference", "secondary")}
        )
    with whole_file(path) as temporary, open(temporary, "w", encoding="utf-8") as file:
        file.write(provenance.text(record) + "\n")


def read(path: str) -> Recipe:
    """Read a recipe.

    Raises
    ------
    InputError
        The file cannot be read, is none, or is of a later version.
    OptionsError
        An option is not known, or has a value it cannot have.
    """
    name = os.path.basename(path)
    record = _load(path, name)
    version = record.pop(_FORMAT_KEY)
    if not values.is_number(version) or version > FORMAT:
        raise InputError(f"{name} is a recipe of a later DeepOT (format {values.shown(version)}); update the plugin.")
    record.pop("written_by", None)
    unknown = sorted(set(record) - {item.name for item in fields(Recipe)})
    if unknown:
        raise OptionsError(
            f"{name} has an option '{unknown[0]}', which no recipe has; the manual lists them under 'Two dates'."
        )
    try:
        provenance.require_kinds(Recipe, record)
        given = {key: _nested(key, value) if key in _NESTED else value for key, value in record.items()}
        recipe = Recipe(**given)
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise OptionsError(f"{name} has an option that does not fit ({error}); mend it or leave it out.") from error
    except OptionsError as error:
        raise OptionsError(f"{name}: {error}") from error
    return _with_whole_paths(recipe, path)


def _load(path: str, name: str) -> dict[str, Any]:
    require_plain(path)
    try:
        if os.path.getsize(path) > _LARGEST:
            raise ValueError
        with open(path, encoding="utf-8") as file:
            record = json.load(file)
    except OSError as error:
        raise InputError(f"{name} cannot be read ({error.strerror}); choose the JSON of a recipe.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.") from error
    if not isinstance(record, dict) or _FORMAT_KEY not in record:
        raise InputError(f"{name} is no recipe of DeepOT; choose a JSON that 'Save recipe' wrote.")
    return record


def _nested(key: str, value: Any) -> Any:
    """The dataclass of a part of the recipe."""
    if value is None and key == "images":
        return None
    if not isinstance(value, Mapping):
        raise TypeError(f"'{key}' is {values.shown(value)}")
    kind = _NESTED[key]
    unknown = sorted(set(value) - {item.name for item in fields(kind)})
    if unknown:
        raise TypeError(f"'{key}' has no '{unknown[0]}'")
    provenance.require_kinds(kind, value)
    return kind(**{name: tuple(one) if isinstance(one, list) else one for name, one in value.items()})


def _from_recipe(image: str, recipe: str) -> str:
    """An image's path as the recipe keeps it: relative where it lies below the recipe's folder."""
    folder = os.path.dirname(os.path.abspath(recipe))
    absolute = os.path.abspath(image)
    if not os.path.exists(absolute):
        return image  # a subdataset or a remote raster: its name is no path
    try:
        inside = os.path.commonpath([folder, absolute]) == folder
    except ValueError:
        inside = False  # another drive
    return os.path.relpath(absolute, folder).replace(os.sep, "/") if inside else absolute


def _with_whole_paths(recipe: Recipe, path: str) -> Recipe:
    if recipe.images is None:
        return recipe
    folder = os.path.dirname(os.path.abspath(path))
    found = {}
    for name in ("reference", "secondary"):
        image = getattr(recipe.images, name)
        beside = os.path.join(folder, image)
        found[name] = os.path.normpath(beside) if os.path.exists(beside) else image
    return replace(recipe, images=replace(recipe.images, **found))
