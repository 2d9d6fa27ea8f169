"""Any file of offsets that somebody else made, opened as pairs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from .. import values
from ..errors import InputError, OptionsError
from .arrays import ArrayFile
from .autorift import CONTENTS, AutoriftOptions, autorift_pair
from .isce import ORDERS, IsceOptions, isce_pair
from .itslive import velocity_pair
from .mintpy import StackGeometry, stack_pairs
from .nisar import NisarOptions, nisar_pair
from .radar import SIDES, Look
from .sources import GroundPair

FORMATS = ("auto", "mintpy", "nisar", "itslive", "autorift", "isce")
_HDF5, _NETCDF, _TIFF = (".h5", ".he5", ".hdf5"), (".nc",), (".tif", ".tiff")


@dataclass(frozen=True)
class ReadingOptions:
    """How other people's offsets are read. What a format says itself need not be given.

    Attributes
    ----------
    format : str
        One of `FORMATS`; ``auto`` goes by the ending and the contents.
    first, second : str or None
        Dates of a raster whose name does not tell them; for one file only.
    heading, incidence : float or None
        Of the radar, degrees; both or none.
    side : str
        Where it looks, ``right`` or ``left``.
    geometry : str or None
        MintPy's ``geometryGeo.h5``, instead of heading and incidence.
    x_spacing, y_spacing : float or None
        Metres for one pixel of the images that were matched; slant range and azimuth where they were radar images.
    order : str
        Which band of an ISCE raster is which, one of `isce.ORDERS`.
    content : str
        Of an autoRIFT GeoTIFF, one of `autorift.CONTENTS`.
    layer : int
        Of a NISAR product, 1 to 3.
    polarization : str or None
    height : float
        Of the ground above the ellipsoid, metres, for NISAR's directions.
    """

    format: str = "auto"
    first: str | None = None
    second: str | None = None
    heading: float | None = None
    incidence: float | None = None
    side: str = "right"
    geometry: str | None = None
    x_spacing: float | None = None
    y_spacing: float | None = None
    order: str = "auto"
    content: str = "auto"
    layer: int = 1
    polarization: str | None = None
    height: float = 0.0

    def __post_init__(self) -> None:
        for name, value, known in (
            ("format", self.format, FORMATS),
            ("look side", self.side, SIDES),
            ("order of the bands", self.order, ORDERS),
            ("content", self.content, CONTENTS),
        ):
            values.one_of(name, value, known)
        if (self.heading is None) != (self.incidence is None):
            raise OptionsError("Heading and incidence angle belong together; give both.")
        if (self.first is None) != (self.second is None):
            raise OptionsError("The first and the second date belong together; give both.")
        NisarOptions(self.layer, self.polarization, self.height)

    @property
    def look(self) -> Look | None:
        """Where the radar looked from, when it was given."""
        return None if self.heading is None or self.incidence is None else Look(self.heading, self.incidence, self.side)


def open_pairs(paths: Sequence[str], options: ReadingOptions | None = None) -> tuple[GroundPair, ...]:
    """All pairs of some files, the earliest first.

    Raises
    ------
    InputError
        A file cannot be read.
    OptionsError
        Something is needed that the file does not say.
    """
    options = options or ReadingOptions()
    if options.first and len(paths) > 1:
        raise OptionsError("Dates can be given for one file only; name the files such as 20130510_20131025.tif.")
    found = [pair for path in paths for pair in open_file(path, options)]
    return tuple(sorted(found, key=lambda pair: (pair.first, pair.second)))


def open_file(path: str, options: ReadingOptions) -> tuple[GroundPair, ...]:
    """The pairs of one file; see `open_pairs`."""
    kind = options.format if options.format != "auto" else recognise(path)
    if kind == "mintpy":
        given = options.geometry is not None or options.look is not None
        return stack_pairs(path, StackGeometry(options.look, options.geometry) if given else None)
    if kind == "nisar":
        return (nisar_pair(path, NisarOptions(options.layer, options.polarization, options.height)),)
    if kind == "itslive":
        return (velocity_pair(path),)
    if kind == "autorift":
        return (autorift_pair(path, _autorift(options)),)
    return (isce_pair(path, _isce(path, options)),)


def _autorift(options: ReadingOptions) -> AutoriftOptions:
    return AutoriftOptions(
        options.content, options.x_spacing, options.y_spacing, options.look, options.first, options.second
    )


def _isce(path: str, options: ReadingOptions) -> IsceOptions:
    if options.look is None or options.x_spacing is None or options.y_spacing is None:
        raise OptionsError(
            f"{os.path.basename(path)} holds offsets in pixels along the radar's own directions; give heading, "
            "incidence angle and the pixel spacings in slant range and azimuth (ISCE's XML files say them)."
        )
    return IsceOptions(options.look, options.x_spacing, options.y_spacing, options.order, options.first, options.second)


def recognise(path: str) -> str:
    """Format of a file by its ending, and for HDF5 by its contents.

    Raises
    ------
    InputError
        It is none of those known.
    """
    ending = os.path.splitext(path)[1].lower()
    if ending in _NETCDF:
        return "itslive"
    if ending in _TIFF:
        return "autorift"
    if ending not in _HDF5:
        return "isce"
    file = ArrayFile(path)
    if "science" in file.groups():
        return "nisar"
    if "WIDTH" in file.attributes:
        return "mintpy"
    raise InputError(
        f"{file.name} is an HDF5 file that is neither MintPy's nor NISAR's; choose an ifgramStack.h5 or a GOFF product."
    )
