"""From scatterers on the ground to an amplitude image: moved without ever resampling a picture.

Each scatterer is a complex number at a place in fractions of a pixel. An image is their sum through the sensor's
band-limited response, made exactly by gridding (a non-uniform Fourier transform): scatterers are spread over the pixels
around them by a small kernel, the kernel is divided out of the spectrum again, and the sensor's band is kept. Motion is
a change of places, so it leaves no trace of an interpolation in the texture, and layover is two slopes that fall on one
pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import fft, ndimage

from deepot_qgis.engine.errors import OptionsError
from deepot_qgis.engine.synthetic import Sensor

#: Wider bands need a finer grid than one node a pixel.
WIDEST_BAND = 0.65
_TAPS = 5
_STEPS = 1024
_CHUNK = 400_000  # scatterers at a time: their part of the image stays in the cache
_PAD = 8  # px around the image: what wraps around in the Fourier transform is cut off


@dataclass(frozen=True)
class Ground:
    """Scatterers.

    Attributes
    ----------
    x, y : (n,) float64
        Column and row in pixels of the image, 0 at the centre of the first pixel; they may lie outside it.
    power : (n,) float32
        Mean power of each.
    """

    x: np.ndarray
    y: np.ndarray
    power: np.ndarray


def sensor_like(bandwidth: float = 0.6, taper: float = 0.75, noise_db: float = -20.0) -> Sensor:
    """Sensor whose resolution cell is ``1 / bandwidth`` pixels in both directions."""
    return Sensor(bandwidth, bandwidth, taper, noise_db)


def ground(intensity: np.ndarray, margin_px: int = _PAD, per_pixel: float = 2.0) -> Ground:
    """A regular lattice of scatterers over an image and its surroundings.

    Parameters
    ----------
    intensity : (H, W) array
        Reflectivity, positive; mirrored beyond the edge.
    margin_px : int
        How far the ground goes on beyond the image.
    per_pixel : float
        Scatterers a pixel. Two are enough: their spacing resolves any band up to `WIDEST_BAND`.
    """
    height, width = intensity.shape
    step = 1 / np.sqrt(per_pixel)
    y, x = (np.arange(-margin_px, size - 1 + margin_px + step, step) for size in (height, width))
    rows, columns = np.meshgrid(y, x, indexing="ij")
    power = ndimage.map_coordinates(intensity.astype(np.float32), [rows, columns], order=1, mode="mirror")
    return Ground(columns.ravel(), rows.ravel(), (np.maximum(power, 0) * step**2).ravel())


class Imager:
    """Makes detected images of one size for one sensor.

    Parameters
    ----------
    shape : (height, width)
    sensor : Sensor
        Its bands at most `WIDEST_BAND` of the sampling.
    """

    def __init__(self, shape: tuple[int, int], sensor: Sensor) -> None:
        if max(sensor.bandwidth_x, sensor.bandwidth_y) > WIDEST_BAND:
            raise OptionsError(f"A band above {WIDEST_BAND} of the sampling cannot be gridded at one node a pixel.")
        self.shape, self._sensor = shape, sensor
        self._full = tuple(fft.next_fast_len(size + 2 * _PAD) for size in shape)
        bandwidths = sensor.bandwidth_y, sensor.bandwidth_x
        bands = [_band(size, width, sensor.taper) for size, width in zip(self._full, bandwidths)]
        # scatterers of unit power in all give pixels of unit mean power
        scale = 1 / np.sqrt(np.mean(bands[0] ** 2) * np.mean(bands[1] ** 2))
        rows, columns = (band / _kernel_spectrum(size) for band, size in zip(bands, self._full))
        self._response = (scale * rows[:, None] * columns[None, :]).astype(np.float32)

    def complex_image(self, x: np.ndarray, y: np.ndarray, values: np.ndarray) -> np.ndarray:
        """Complex images of scatterers.

        Parameters
        ----------
        x, y : (n,) arrays
            Places, px.
        values : (looks, n) complex array

        Returns
        -------
        (looks, H, W) complex64
        """
        spread = np.zeros((len(values), self._full[0] * self._full[1]), np.complex64)
        for start in range(0, len(x), _CHUNK):
            part = np.s_[start : start + _CHUNK]
            self._spread(spread, np.asarray(x[part], float) + _PAD, np.asarray(y[part], float) + _PAD, values[:, part])
        height, width = self.shape
        seen = np.empty((len(values), height, width), np.complex64)
        for look, plane in enumerate(spread):
            image = fft.ifft2(fft.fft2(plane.reshape(self._full)) * self._response)
            seen[look] = image[_PAD : _PAD + height, _PAD : _PAD + width]
        return seen

    def _spread(self, total: np.ndarray, x: np.ndarray, y: np.ndarray, values: np.ndarray) -> None:
        """Add scatterers to the pixels around them."""
        height, width = self._full
        half = _TAPS // 2
        column, row = np.rint(x).astype(np.intp), np.rint(y).astype(np.intp)
        use = (column >= half) & (column < width - half) & (row >= half) & (row < height - half)
        if not use.all():
            x, y, column, row, values = x[use], y[use], column[use], row[use], values[:, use]
        if not x.size:
            return
        weight_x, weight_y = _weights(x - column), _weights(y - row)
        corner = (row - half) * width + column - half
        first = int(corner.min())
        corner -= first
        length = int(corner.max()) + (_TAPS - 1) * (width + 1) + 1
        window = total[:, first : first + length]
        for tap_y in range(_TAPS):
            for tap_x in range(_TAPS):
                place = corner + (tap_y * width + tap_x)
                weight = weight_y[tap_y] * weight_x[tap_x]
                for look, value in enumerate(values):
                    window[look].real += np.bincount(place, weight * value.real, length)
                    window[look].imag += np.bincount(place, weight * value.imag, length)

    def amplitude(self, x: np.ndarray, y: np.ndarray, values: np.ndarray, rng: np.random.Generator, noise: float):
        """Detected image: the looks averaged in intensity.

        Parameters
        ----------
        noise : float
            Power of the thermal noise.

        Returns
        -------
        (H, W) float32, linear amplitude, positive
        """
        total = np.zeros(self.shape, np.float32)
        for look in self.complex_image(x, y, values):
            grain = rng.standard_normal((*self.shape, 2), np.float32).view(np.complex64)[..., 0]
            total += np.abs(look + np.float32(np.sqrt(noise / 2)) * grain) ** 2
        if self._sensor.blur_px > 0:
            total = ndimage.gaussian_filter(total, self._sensor.blur_px, mode="nearest")
        return np.maximum(np.sqrt(total / len(values)), np.finfo(np.float32).tiny)


def _band(size: int, bandwidth: float, taper: float) -> np.ndarray:
    """Amplitude response along one axis, as `synthetic.Sensor` describes it."""
    frequency = np.abs(fft.fftfreq(size))
    return np.where(frequency <= bandwidth / 2, taper + (1 - taper) * np.cos(2 * np.pi * frequency / bandwidth), 0)


def _kernel(distance: np.ndarray) -> np.ndarray:
    """Kaiser-Bessel window; its width after Beatty, Nishimura and Pauly (IEEE TMI 24(6), 2005) for `WIDEST_BAND`."""
    oversampling = 1 / WIDEST_BAND
    beta = np.pi * np.sqrt((_TAPS / oversampling) ** 2 * (oversampling - 0.5) ** 2 - 0.8)
    inside = np.clip(1 - (2 * distance / _TAPS) ** 2, 0, None)
    return np.i0(beta * np.sqrt(inside)) / np.i0(beta) * (np.abs(distance) <= _TAPS / 2)


def _kernel_table() -> np.ndarray:
    fraction = np.linspace(-0.5, 0.5, _STEPS + 1)
    return np.stack([_kernel(tap - _TAPS // 2 - fraction) for tap in range(_TAPS)]).astype(np.float32)


_TABLE = _kernel_table()


def _weights(fraction: np.ndarray) -> np.ndarray:
    """Weights (taps, n) of the pixels around places at a fraction of a pixel from the nearest, -0.5 to 0.5."""
    return _TABLE[:, np.rint((fraction + 0.5) * _STEPS).astype(np.intp)]


def _kernel_spectrum(size: int) -> np.ndarray:
    """Fourier transform of the kernel at the frequencies of a grid, by quadrature."""
    distance = (np.arange(4000) + 0.5) / 4000 * _TAPS - _TAPS / 2
    values = _kernel(distance) * (_TAPS / 4000)
    frequency = fft.fftfreq(size)
    return np.cos(2 * np.pi * frequency[:, None] * distance[None, :]) @ values
