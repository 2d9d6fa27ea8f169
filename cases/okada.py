"""Surface displacement of a rectangular dislocation in an elastic half-space (Okada 1985).

Source: Okada, Y. (1985), Surface deformation due to shear and tensile faults in a half-space, Bulletin of the
Seismological Society of America 75(4), 1135-1154, equations 25 to 30. Names of terms follow the paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from deepot_qgis.engine.errors import OptionsError

#: Distances are compared with this share of the fault's size.
_TINY = 1e-9


@dataclass(frozen=True)
class Fault:
    """A rectangle that slips.

    Attributes
    ----------
    east, north : float
        Middle of its upper edge, m.
    strike : float
        Compass bearing of the upper edge, degrees; the fault dips to the right of it.
    dip : float
        Degrees below the horizontal, above 0 and up to 90.
    length, width : float
        Along strike and down dip, m.
    top : float
        Depth of the upper edge, m; 0 breaks the surface.
    slip : float
        m.
    rake : float
        Direction in which the right-hand (hanging) side slips against the other, in the fault's plane, degrees from
        strike: 0 left-lateral, 90 reverse, 180 right-lateral, -90 normal (Aki and Richards).
    opening : float
        Tensile opening, m.
    """

    east: float
    north: float
    strike: float
    dip: float
    length: float
    width: float
    top: float = 0.0
    slip: float = 1.0
    rake: float = 0.0
    opening: float = 0.0

    def __post_init__(self) -> None:
        if not 0 < self.dip <= 90:
            raise OptionsError(f"The dip is {self.dip} degrees; it must be above 0 and at most 90.")
        if self.length <= 0 or self.width <= 0:
            raise OptionsError("A fault needs a positive length and width.")
        if self.top < 0:
            raise OptionsError(f"The upper edge lies at a depth of {self.top} m; it must not be above the surface.")


def displacement(fault: Fault, east: np.ndarray, north: np.ndarray, poisson: float = 0.25) -> np.ndarray:
    """Displacement of the surface by one fault.

    Parameters
    ----------
    fault : Fault
    east, north : arrays of one shape
        Where, m.
    poisson : float
        Poisson's ratio of the half-space.

    Returns
    -------
    (3, ...) float64 array
        East, north, up in m.
    """
    strike, dip = np.radians(fault.strike), np.radians(fault.dip)
    sin, cos = np.sin(strike), np.cos(strike)
    de, dn = np.asarray(east, float) - fault.east, np.asarray(north, float) - fault.north
    # Okada's frame: origin above the lower edge at the start of the rectangle, x along strike, y up the dip (left)
    x = de * sin + dn * cos + fault.length / 2
    y = dn * sin - de * cos + fault.width * np.cos(dip)
    depth = fault.top + fault.width * np.sin(dip)
    rake = np.radians(fault.rake)
    slips = fault.slip * np.cos(rake), fault.slip * np.sin(rake), fault.opening
    along, across, up = rectangle(x, y, depth, np.sin(dip), np.cos(dip), fault.length, fault.width, slips, poisson)
    return np.stack([along * sin - across * cos, along * cos + across * sin, up])


def total(faults: list[Fault], east: np.ndarray, north: np.ndarray, poisson: float = 0.25) -> np.ndarray:
    """Sum over several faults, (3, ...): east, north, up in m."""
    return sum(displacement(fault, east, north, poisson) for fault in faults)


def rectangle(
    x: np.ndarray,
    y: np.ndarray,
    depth: float,
    sin: float,
    cos: float,
    length: float,
    width: float,
    slips: tuple[float, float, float],
    poisson: float = 0.25,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Displacement in the paper's own frame (its figure 1).

    Parameters
    ----------
    x, y : arrays
        Along strike from the start of the rectangle, and perpendicular to it up the dip, from above the lower edge.
    depth : float
        Of the lower edge.
    sin, cos : float
        Of the dip; a cosine of rounding size counts as 0.
    length, width : float
    slips : (strike slip, dip slip, opening)
    poisson : float

    Returns
    -------
    ux, uy, uz
        Along x, along y, up; unit of the slips.
    """
    cos = 0.0 if abs(cos) < 1e-12 else cos
    mu = 1 - 2 * poisson  # mu / (lambda + mu)
    p = y * cos + depth * sin
    q = y * sin - depth * cos
    # the surface trace itself has two displacements; take the one of the side x, y lies on, or of the upper side
    q = np.where(np.abs(q) < _TINY * width, 0.0, q)
    result = [np.zeros(np.broadcast(x, y).shape) for _ in range(3)]
    # Chinnery's notation, equation 24
    for xi, eta, sign in ((x, p, 1), (x, p - width, -1), (x - length, p, -1), (x - length, p - width, 1)):
        for component, value in zip(result, _corner(xi, eta, q, sin, cos, mu, slips)):
            component += sign * value
    return tuple(result)


def _corner(xi, eta, q, sin, cos, mu, slips) -> list[np.ndarray]:
    """Equations 25 to 27 at one corner, for all three kinds of slip."""
    radius = np.maximum(np.sqrt(xi**2 + eta**2 + q**2), 1e-6)  # m; at a corner itself the slip is not defined
    y_tilde, d_tilde = eta * cos + q * sin, eta * sin - q * cos
    r_eta, log_r_eta = _inverse_and_log(radius, eta)
    r_xi, _ = _inverse_and_log(radius, xi)
    with np.errstate(divide="ignore", invalid="ignore"):
        angle = np.where(q == 0, 0.0, np.arctan(xi * eta / (q * radius)))
    i1, i2, i3, i4, i5 = _integrals(xi, eta, q, radius, y_tilde, d_tilde, log_r_eta, sin, cos, mu)
    per_r_eta, per_r_xi = r_eta / radius, r_xi / radius
    strike, dip, opening = (slip / (2 * np.pi) for slip in slips)
    parts = [0.0, 0.0, 0.0]
    if strike:
        parts[0] -= strike * (xi * q * per_r_eta + angle + i1 * sin)
        parts[1] -= strike * (y_tilde * q * per_r_eta + q * cos * r_eta + i2 * sin)
        parts[2] -= strike * (d_tilde * q * per_r_eta + q * sin * r_eta + i4 * sin)
    if dip:
        parts[0] -= dip * (q / radius - i3 * sin * cos)
        parts[1] -= dip * (y_tilde * q * per_r_xi + cos * angle - i1 * sin * cos)
        parts[2] -= dip * (d_tilde * q * per_r_xi + sin * angle - i5 * sin * cos)
    if opening:
        turned = xi * q * per_r_eta - angle
        parts[0] += opening * (q**2 * per_r_eta - i3 * sin**2)
        parts[1] += opening * (-d_tilde * q * per_r_xi - sin * turned - i1 * sin**2)
        parts[2] += opening * (y_tilde * q * per_r_xi + cos * turned - i5 * sin**2)
    return parts


def _inverse_and_log(radius: np.ndarray, part: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """``1 / (R + part)`` and ``ln(R + part)``, as the paper's section on singularities wants them where both vanish."""
    total = radius + part
    lost = total <= _TINY * np.maximum(radius, _TINY)
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = np.where(lost, 0.0, 1 / np.where(lost, 1.0, total))
        log = np.where(lost, -np.log(np.maximum(radius - part, 1e-300)), np.log(np.where(lost, 1.0, total)))
    return inverse, log


def _integrals(xi, eta, q, radius, y_tilde, d_tilde, log_r_eta, sin, cos, mu) -> tuple[np.ndarray, ...]:
    """Equations 28 (inclined) and 29 (vertical)."""
    r_d = np.maximum(radius + d_tilde, 1e-6)
    if cos == 0:
        i1 = -mu / 2 * xi * q / r_d**2
        i3 = mu / 2 * (eta / r_d + y_tilde * q / r_d**2 - log_r_eta)
        i4, i5 = -mu * q / r_d, -mu * xi * sin / r_d
    else:
        x = np.sqrt(xi**2 + q**2)
        with np.errstate(divide="ignore", invalid="ignore"):
            turned = np.arctan((eta * (x + q * cos) + x * (radius + x) * sin) / (xi * (radius + x) * cos))
        i5 = np.where(xi == 0, 0.0, mu * 2 / cos * turned)
        i4 = mu / cos * (np.log(r_d) - sin * log_r_eta)
        i3 = mu * (y_tilde / (cos * r_d) - log_r_eta) + sin / cos * i4
        i1 = -mu * xi / (cos * r_d) - sin / cos * i5
    return i1, -mu * log_r_eta - i3, i3, i4, i5
