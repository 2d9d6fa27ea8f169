"""From offsets in range and azimuth pixels to motion east and north: directions, spacings, slant or ground range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..errors import InputError, OptionsError
from ..interchange.radar import convergence, vectors
from ..rasters import Grid
from .nodes import Nodes
from .options import GeocodeOptions

#: Names under which images say their spacing: MintPy and ISCE, SAFE and RADARSAT, CEOS.
_RANGE_NAMES = (
    "RANGE_PIXEL_SIZE", "RANGE_PIXEL_SPACING", "RANGE_SPACING", "PIXEL_SPACING", "CEOS_PIXEL_SPACING_METERS",
)  # fmt: skip
_AZIMUTH_NAMES = (
    "AZIMUTH_PIXEL_SIZE", "AZIMUTH_PIXEL_SPACING", "AZIMUTH_SPACING", "LINE_SPACING", "CEOS_LINE_SPACING_METERS",
)  # fmt: skip
#: Degrees by which a heading may differ from the rows of the lookup.
_TURN = 20.0
#: Factors by which a spacing may differ from the lookup's: to be told, and to be refused.
_TOLD, _REFUSED = 1.15, 1.3


@dataclass(frozen=True)
class Frame:
    """How the images lie on the ground.

    Attributes
    ----------
    heading : float
        Of the flight, degrees clockwise from true north.
    side : str
    range_sign, azimuth_sign : int
        1 where columns lead away from the radar, and where rows follow the flight; else -1.
    range_spacing, azimuth_spacing : float
        Metres.
    slant : bool
        Whether the range spacing is one of slant range.
    """

    heading: float
    side: str
    range_sign: int
    azimuth_sign: int
    range_spacing: float
    azimuth_spacing: float
    slant: bool

    def motion(
        self, dx: np.ndarray, dy: np.ndarray, sigma: np.ndarray, incidence: np.ndarray, grid: Grid
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Metres east and north on a part of the map, and their 1-sigma error.

        Parameters
        ----------
        dx, dy, sigma : numpy.ndarray
            Offsets in columns and rows and the error of one, pixels, float32 ``(H, W)``.
        incidence : numpy.ndarray
            Degrees, ``(H, W)`` or ``(1, 1)``; does not matter for ground range.
        grid : Grid
            Of the part; its north may lie beside true north.

        Notes
        -----
        All motion is taken as horizontal: range cannot tell it from vertical motion. A step of range away from the
        radar is a change of the line of sight of -1; a step of ground range is one of slant range divided by the sine
        of the incidence angle.
        """
        angle = np.asarray(incidence, float)
        far = np.float32(self.range_sign * self.range_spacing) * dx
        along = np.float32(self.azimuth_sign * self.azimuth_spacing) * dy
        slant = np.float32(1) if self.slant else np.sin(np.radians(angle)).astype(np.float32)
        seen = vectors(self.heading - convergence(grid), angle, self.side)
        east, north = seen.ground(-far * slant, along)
        error = seen.ground_sigma(sigma * np.float32(self.range_spacing) * slant, sigma * self.azimuth_spacing)
        return east, north, error


def find_frame(
    options: GeocodeOptions, nodes: Nodes, tags: Mapping[str, str], incidence: float | None
) -> tuple[Frame, tuple[str, ...]]:
    """What was not said of the radar from the lookup and the image, and what was said compared with them.

    Parameters
    ----------
    options : GeocodeOptions
    nodes : Nodes
    tags : mapping
        Metadata of the reference image.
    incidence : float or None
        Degrees in the middle.

    Returns
    -------
    tuple
        The frame, and sentences about what was taken from where.

    Raises
    ------
    OptionsError
        Heading or look side do not fit the lookup, or a spacing is not known.
    """
    rows, row_metres = nodes.axis(down=True)
    columns, column_metres = nodes.axis(down=False)
    messages: list[str] = []
    if options.heading is None:
        heading, azimuth_sign = rows, 1
        messages.append(f"Heading {heading:.1f} degrees from true north, by the rows of the lookup.")
    else:
        heading = options.heading
        azimuth_sign = _sign(rows, heading, "rows", "heading")
    look = heading + (90 if options.side == "right" else -90)
    if options.heading is None and abs(_turn(columns, look)) > 90:
        other = "left" if options.side == "right" else "right"
        raise OptionsError(
            f"Columns of the lookup lead to the {other} of its rows, which does not fit a radar that looks to the "
            f"{options.side}; give the heading, or correct the look side."
        )
    range_sign = _sign(columns, look, "columns", "direction in which the radar looks")
    range_spacing = _spacing(options.range_spacing, tags, _RANGE_NAMES, "Range", messages)
    azimuth_spacing = _spacing(options.azimuth_spacing, tags, _AZIMUTH_NAMES, "Azimuth", messages)
    if range_spacing is None and options.range_geometry == "slant":
        raise OptionsError("The range spacing of the images is not known; give the slant range from column to column.")
    if range_spacing is None:
        range_spacing = column_metres
        messages.append(f"Range spacing {range_spacing:.4g} m on the ground, by the lookup.")
    if azimuth_spacing is None:
        azimuth_spacing = row_metres
        messages.append(f"Azimuth spacing {azimuth_spacing:.4g} m, by the lookup.")
    if not 1 / _REFUSED < azimuth_spacing / row_metres < _REFUSED:
        raise OptionsError(
            f"The azimuth spacing is {azimuth_spacing:g} m, but rows of the lookup lie {row_metres:.4g} m apart; give "
            "the spacing of the images that were measured (after multilooking)."
        )
    slant = options.range_geometry == "slant"
    ground = range_spacing / np.sin(np.radians(incidence)) if slant and incidence is not None else range_spacing
    if not 1 / _TOLD < ground / column_metres < _TOLD:
        messages.append(
            f"Warning: by the range spacing of {range_spacing:g} m ({options.range_geometry} range) a column is "
            f"{ground:.4g} m on the ground, by the lookup {column_metres:.4g} m. Are slant and ground range exchanged? "
            "On a hillside such a difference may be real."
        )
    frame = Frame(heading, options.side, range_sign, azimuth_sign, range_spacing, azimuth_spacing, slant)
    return frame, tuple(messages)


def _turn(bearing: float, other: float) -> float:
    """Degrees from one bearing to another, -180..180."""
    return (bearing - other + 180) % 360 - 180


def _sign(axis: float, direction: float, what: str, of: str) -> int:
    """Whether an axis of the images runs along a direction or against it."""
    turn = abs(_turn(axis, direction))
    if turn <= _TURN:
        return 1
    if turn >= 180 - _TURN:
        return -1
    raise OptionsError(
        f"The {what} of the lookup run to a bearing of {axis % 360:.0f} degrees, which does not fit the {of} "
        f"({direction % 360:.0f} degrees); correct the heading. Rows must be azimuth and columns range."
    )


def _spacing(
    given: float | None, tags: Mapping[str, str], names: tuple[str, ...], what: str, messages: list[str]
) -> float | None:
    """A spacing that was given, else that of the image; None where neither says it."""
    if given is not None:
        return given
    known = {key.upper(): value for key, value in tags.items()}
    for name in names:
        try:
            value = float(known.get(name, ""))
        except ValueError:
            continue
        if 0 < value < 1e4:
            messages.append(f"{what} spacing {value:g} m, by {name} of the reference image.")
            return value
    return None


def require_pixels(unit: str, georeferenced: bool, name: str) -> None:
    """Refuse a product that is on a map already.

    Raises
    ------
    InputError
    """
    if georeferenced or unit != "px":
        raise InputError(
            f"{name} has its place on a map already; only products in pixels, of images without georeference, can be "
            "geocoded."
        )
