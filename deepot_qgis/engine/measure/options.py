"""What to measure, how, and where the result goes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .. import displacement, memory, provenance, runtime, values
from ..correlation import CorrelationOptions
from ..errors import InputError, OptionsError
from ..model import DEFAULT_MODEL
from ..pair import PairOptions
from ..quality import QualityOptions

METHODS = ("model", "correlation")


@dataclass(frozen=True)
class MeasureOptions:
    """What to measure, how, and where the result goes.

    Attributes
    ----------
    reference, secondary : str
        Paths of the two images.
    output : str
        Path of the displacement product, a GeoTIFF.
    offsets : str or None
        Path of the unfiltered pixel offsets; None keeps them beside the product as ``<name>_offsets.tif``.
    velocity : str or None
        Path of a velocity GeoTIFF, None for none.
    velocity_unit : str
        A key of `displacement.VELOCITY_UNITS`.
    reference_band, secondary_band, reference_date, secondary_date, radiometry, area
        See `pair.PairOptions`.
    method : str
        ``model`` or ``correlation`` (conventional offset tracking).
    model : str
        Name of a bundled model or path of an ONNX file.
    device : str
        One of `runtime.DEVICES`.
    correlation : CorrelationOptions
    quality : QualityOptions
    tile_px, tile_height_px : int or None
        Width and height of a tile, without the context that the method needs around it; without a height tiles are
        squares. None as the width takes what fits into the free memory best; the record of a run says what that was.
    context_px : int or None
        Context around a tile that a network shall look at, where that is more than it asks for itself: the wider, the
        less depends on where tiles are cut, and the longer it takes. None takes what the network asks for.
    resume : bool
        Keep finished rows in a hidden folder beside the output until the product is whole, and take those that an
        interrupted run with the same images, options and versions kept there.
    """

    reference: str
    secondary: str
    output: str
    offsets: str | None = None
    velocity: str | None = None
    velocity_unit: str = "m/yr"
    reference_band: int = 1
    secondary_band: int = 1
    reference_date: str | None = None
    secondary_date: str | None = None
    radiometry: str = "auto"
    area: str | None = None
    method: str = "model"
    model: str = DEFAULT_MODEL
    device: str = "auto"
    correlation: CorrelationOptions = field(default_factory=CorrelationOptions)
    quality: QualityOptions = field(default_factory=QualityOptions)
    tile_px: int | None = None
    tile_height_px: int | None = None
    context_px: int | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        for name, known in (
            ("method", METHODS),
            ("device", runtime.DEVICES),
            ("velocity_unit", tuple(displacement.VELOCITY_UNITS)),
        ):
            values.one_of(name, getattr(self, name), known)
        low, high = memory.SIDES_PX
        for side in (self.tile_px, self.tile_height_px):
            if side is not None and not low <= side <= high:
                raise OptionsError(f"The tile size is {side} px; it must lie between {low} and {high}.")
        if self.context_px is not None:
            values.whole("context_px", self.context_px, *memory.CONTEXTS_PX)
        paths = [path for path in (self.output, self.offsets_path, self.velocity) if path]
        if len({os.path.abspath(path) for path in paths}) < len(paths):
            raise OptionsError("Product, offsets and velocity need different file names.")

    @property
    def offsets_path(self) -> str:
        """Where the unfiltered offsets go."""
        return self.offsets or os.path.splitext(self.output)[0] + "_offsets.tif"

    @property
    def provenance_path(self) -> str:
        """Where the record of the run goes."""
        return os.path.splitext(self.output)[0] + ".json"

    @property
    def targets(self) -> dict[str, str]:
        """The files of a run, in the order in which they get their names: last the record, which vouches for them."""
        targets = {
            "offsets": self.offsets_path,
            "velocity": self.velocity,
            "product": self.output,
            "provenance": self.provenance_path,
        }
        return {name: path for name, path in targets.items() if path}

    @property
    def pair(self) -> PairOptions:
        """The part that the preflight needs."""
        return PairOptions(**{item.name: getattr(self, item.name) for item in fields(PairOptions)})

    @classmethod
    def from_record(cls, options: Mapping[str, Any]) -> MeasureOptions:
        """Options as `provenance.read_options` gives them.

        Raises
        ------
        InputError
            The record is of another version or was edited.
        """
        kinds: tuple[tuple[str, type[Any]], ...] = (("correlation", CorrelationOptions), ("quality", QualityOptions))
        try:
            provenance.require_kinds(cls, options)
            for name, kind in kinds:
                provenance.require_kinds(kind, options[name])
            given = dict(options)
            for name, kind in kinds:
                parts = {key: tuple(v) if isinstance(v, list) else v for key, v in options[name].items()}
                given[name] = kind(**parts)
            return cls(**given)
        except (TypeError, KeyError, AttributeError) as error:
            raise InputError(
                f"The record of the run does not fit this version ({error}); measure the pair again."
            ) from error


def again(options: MeasureOptions, target: str) -> MeasureOptions:
    """The same run with its products under another name."""
    stem = os.path.splitext(target)[0]
    velocity = stem + "_velocity.tif" if options.velocity else None
    return replace(options, output=target, offsets=None, velocity=velocity)
