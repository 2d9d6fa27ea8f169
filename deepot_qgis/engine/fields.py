"""Families of displacement fields, each a pure function of its parameters.

Every function returns offsets float32 (2, H, W): dx (to the right) and dy (down), in pixels, on the reference grid.
Fields add: nested lobes are sums of lobes.
"""

from __future__ import annotations

import numpy as np

from deepot_qgis.engine.warp import pixel_grid

Shape = tuple[int, int]  # (height, width)


def _centred(shape: Shape, centre: tuple[float, float] | None) -> tuple[np.ndarray, np.ndarray]:
    x, y = pixel_grid(shape)
    if centre is None:
        centre = ((shape[1] - 1) / 2, (shape[0] - 1) / 2)
    return x - centre[0], y - centre[1]


def _along(shape: Shape, angle_deg: float, centre: tuple[float, float] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates along and across a direction, given as an angle from +x towards +y (down)."""
    x, y = _centred(shape, centre)
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return c * x + s * y, c * y - s * x


def _scaled(weight: np.ndarray, dx: float, dy: float) -> np.ndarray:
    return np.stack([dx * weight, dy * weight]).astype(np.float32)


def constant(shape: Shape, dx: float, dy: float) -> np.ndarray:
    """One offset everywhere."""
    return _scaled(np.ones(shape), dx, dy)


def ramp(shape: Shape, dx: float, dy: float, angle_deg: float = 0.0) -> np.ndarray:
    """From -(dx, dy) on one side of the image to +(dx, dy) on the other, along a direction."""
    along, _ = _along(shape, angle_deg)
    return _scaled(along / max(np.abs(along).max(), 1.0), dx, dy)


def rotation(shape: Shape, angle_deg: float, centre: tuple[float, float] | None = None) -> np.ndarray:
    """Rigid rotation about a point; positive turns +x towards +y (clockwise on the screen)."""
    x, y = _centred(shape, centre)
    c, s = np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))
    return np.stack([(c - 1) * x - s * y, s * x + (c - 1) * y]).astype(np.float32)


def undulation(
    shape: Shape, dx: float, dy: float, wavelength: float, angle_deg: float = 0.0, phase: float = 0.0
) -> np.ndarray:
    """Plane wave of amplitude (dx, dy) and a wavelength in pixels."""
    along, _ = _along(shape, angle_deg)
    return _scaled(np.sin(2 * np.pi * along / wavelength + phase), dx, dy)


def lobe(
    shape: Shape,
    dx: float,
    dy: float,
    length: float,
    width: float,
    margin: float = 1.5,
    angle_deg: float = 0.0,
    centre: tuple[float, float] | None = None,
) -> np.ndarray:
    """Elliptical body that moves as a block, with shear margins of ``0.5 (1 - tanh(distance / margin))``.

    Parameters
    ----------
    length, width : float
        Full axes of the ellipse, px; the length lies along `angle_deg`.
    margin : float
        Scale of the margin in px; 1.5 is a sharp one.
    """
    along, across = _along(shape, angle_deg, centre)
    a, b = length / 2, width / 2
    radius = np.hypot(along / a, across / b)
    # first-order signed distance to the ellipse: (r - 1) r / |grad|, exact for a circle
    gradient = np.hypot(along / a**2, across / b**2)
    distance = np.where(radius > 1e-6, (radius - 1) * radius / np.maximum(gradient, 1e-9), -min(a, b))
    return _scaled(0.5 * (1 - np.tanh(np.clip(distance / margin, -20, 20))), dx, dy)


def fault(
    shape: Shape,
    dx: float,
    dy: float,
    angle_deg: float = 0.0,
    centre: tuple[float, float] | None = None,
    locking_depth: float = 0.0,
) -> np.ndarray:
    """Step of (dx, dy) across a straight trace along `angle_deg`, half on each side.

    With a locking depth (px) the step becomes the arctangent profile of a screw dislocation in an elastic
    half-space (Savage and Burford 1973); zero is a rupture that reaches the surface.
    """
    _, across = _along(shape, angle_deg, centre)
    weight = 0.5 * np.where(across >= 0, 1.0, -1.0)
    if locking_depth > 0:
        weight = np.arctan(across / locking_depth) / np.pi
    return _scaled(weight, dx, dy)


def bowl(shape: Shape, peak: float, radius: float, centre: tuple[float, float] | None = None) -> np.ndarray:
    """Horizontal motion towards a subsidence bowl (positive peak), largest at `radius` from its centre."""
    x, y = _centred(shape, centre)
    weight = -peak * np.exp(0.5 - 0.5 * (x**2 + y**2) / radius**2) / radius
    return np.stack([weight * x, weight * y]).astype(np.float32)


def fractal(shape: Shape, rms: float, exponent: float, rng: np.random.Generator) -> np.ndarray:
    """Random field with a power-law spectrum |k|**-exponent (2 rough, 4 smooth) and a given rms per component."""
    ky = np.fft.fftfreq(2 * shape[0])[:, None]
    kx = np.fft.rfftfreq(2 * shape[1])[None, :]
    k = np.hypot(kx, ky)
    k[0, 0] = np.inf
    bands = []
    for _ in range(2):
        noise = rng.standard_normal(k.shape) + 1j * rng.standard_normal(k.shape)
        # twice the size and cropped: the periodic field must not show that it wraps
        band = np.fft.irfft2(noise * k ** (-exponent / 2), s=(2 * shape[0], 2 * shape[1]))[: shape[0], : shape[1]]
        band -= band.mean()
        bands.append(rms * band / max(band.std(), 1e-12))
    return np.stack(bands).astype(np.float32)
