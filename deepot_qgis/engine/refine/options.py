"""What is asked of a finished product: limits, masks, stable ground."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field

from .. import values
from ..displacement import VELOCITY_UNITS
from ..errors import OptionsError
from ..quality import Reason
from ..reference import ReferenceOptions

SIGMA_UNITS = ("px", "m")
#: Reasons that a mask may give.
MASK_REASONS = (Reason.EXCLUDED, Reason.LAYOVER_SHADOW)


@dataclass(frozen=True)
class Mask:
    """Ground that is left out.

    Attributes
    ----------
    path : str
        Polygons (any format that GDAL reads, in any CRS), or a raster, of which everything that is neither 0 nor
        nodata is masked. Empty where `area` is given.
    area : str or None
        WKT polygon in the product's CRS, such as a drawn one.
    outside : bool
        Mask what lies outside instead.
    reason : int
        Code in the mask band: `Reason.EXCLUDED` (8; water, vegetation, whatever the user says) or
        `Reason.LAYOVER_SHADOW` (5).
    layer : str or None
        Of a file with several layers of polygons; None takes all.
    """

    path: str = ""
    area: str | None = None
    outside: bool = False
    reason: int = Reason.EXCLUDED
    layer: str | None = None

    def __post_init__(self) -> None:
        if bool(self.path) == bool(self.area):
            raise OptionsError("A mask is a file or a drawn polygon; give one of the two.")
        if self.reason not in MASK_REASONS:
            known = " or ".join(f"{int(reason)}" for reason in MASK_REASONS)
            raise OptionsError(f"The reason of a mask is {values.shown(self.reason)}; it must be {known}.")
        object.__setattr__(self, "reason", int(self.reason))

    @property
    def name(self) -> str:
        """For sentences."""
        return os.path.basename(self.path) or "the drawn polygon"


@dataclass(frozen=True)
class RefineOptions:
    """What is made of a product without measuring again.

    Attributes
    ----------
    product : str
        A displacement product (GeoTIFF) of this plugin.
    output : str
        The product to write; empty where only a preview is wanted.
    offsets : str or None
        Unfiltered offsets of the product, from which masked pixels come back when a limit is loosened; None takes
        ``<product>_offsets.tif`` where it is there.
    velocity : str or None
        The velocity to write; None writes ``<output>_velocity.tif`` where the measurement wrote one, and ``""`` none.
    velocity_unit : str or None
        A key of `displacement.VELOCITY_UNITS`; None is that of the measurement.
    max_sigma : float or None
        Pixels whose 1-sigma error of a component is larger are masked; None keeps the measurement's decision.
    sigma_unit : str
        Of `max_sigma`: ``px``, or ``m``.
    min_correlation : float or None
        Pixels that correlate less after the motion are masked, 0..1; None keeps the measurement's decision.
    backward : str or None
        Unfiltered offsets of the same pair measured with the images exchanged.
    max_disagreement_px : float
        Pixels whose way there and back ends farther from where it began are masked; for `backward`.
    masks : tuple of Mask
    reference : ReferenceOptions
        Stable ground, and whether a ramp is taken out as well as a shift; kind ``none`` corrects nothing.
    """

    product: str
    output: str = ""
    offsets: str | None = None
    velocity: str | None = None
    velocity_unit: str | None = None
    max_sigma: float | None = None
    sigma_unit: str = "px"
    min_correlation: float | None = None
    backward: str | None = None
    max_disagreement_px: float = 0.5
    masks: tuple[Mask, ...] = ()
    reference: ReferenceOptions = field(default_factory=lambda: ReferenceOptions("none"))

    def __post_init__(self) -> None:
        if not self.product:
            raise OptionsError("No displacement product is chosen; choose the GeoTIFF that a measurement wrote.")
        values.one_of("sigma_unit", self.sigma_unit, SIGMA_UNITS)
        if self.velocity_unit is not None:
            values.one_of("velocity_unit", self.velocity_unit, tuple(VELOCITY_UNITS))
        if self.min_correlation is not None:
            values.number("min_correlation", self.min_correlation, 0.0, 1.0)
        for name, value in (("sigma", self.max_sigma), ("disagreement", self.max_disagreement_px)):
            if value is not None and not (values.is_number(value) and value > 0):
                raise OptionsError(f"The largest {name} is {values.shown(value)}; it must be a positive number.")
        if self.output and self.velocity and os.path.abspath(self.output) == os.path.abspath(self.velocity):
            raise OptionsError("Product and velocity need different file names.")

    @property
    def provenance_path(self) -> str:
        """Where the record goes."""
        return os.path.splitext(self.output)[0] + ".json"

    def limits(self, before: Limits) -> Limits:
        """The limits that hold after the run, given those that held before."""
        return Limits(
            before.min_correlation if self.min_correlation is None else self.min_correlation,
            *((before.max_sigma, before.sigma_unit) if self.max_sigma is None else (self.max_sigma, self.sigma_unit)),
        )


@dataclass(frozen=True)
class Limits:
    """Limits by which a product was masked.

    Attributes
    ----------
    min_correlation : float
    max_sigma : float
    sigma_unit : str
        One of `SIGMA_UNITS`.
    """

    min_correlation: float = 0.0
    max_sigma: float = math.inf
    sigma_unit: str = "px"
