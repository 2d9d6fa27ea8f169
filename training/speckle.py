"""`deepot_qgis.engine.synthetic` and `.warp` for batches, in PyTorch, on the CPU or a GPU.

The same formulas: two complex, partially coherent, band-limited images on a grid oversampled by two, of which the
coherent part moves with the ground through a windowed sinc. Random numbers come from a `torch.Generator` of the device:
same seed and device, same images.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from scipy import fft as lengths
from torch import Generator, Tensor

from deepot_qgis.engine.synthetic import Sensor

KAISER_BETA = 5.0
TAPS, FINE_TAPS = 8, 6
EDGE = 6  # px around the image and its largest offset, for the sinc


def uniform(shape: tuple, generator: Generator) -> Tensor:
    """Uniform noise, 0 to 1, on the generator's device."""
    return torch.rand(shape, generator=generator, device=generator.device)


def gaussian(shape: tuple, generator: Generator) -> Tensor:
    """Circular complex Gaussian noise of unit power."""
    parts = torch.randn((*shape, 2), generator=generator, device=generator.device)
    return torch.view_as_complex(parts * math.sqrt(0.5))


def fractal(exponents: Tensor, size: int, generator: Generator) -> Tensor:
    """Random fields [N, S, S] of spectrum |k|**-exponent, mean 0 and variance 1 each; see `fields.fractal`."""
    ky = torch.fft.fftfreq(2 * size, device=exponents.device)[:, None]
    kx = torch.fft.rfftfreq(2 * size, device=exponents.device)[None, :]
    k = torch.hypot(kx, ky)
    k[0, 0] = torch.inf
    noise = gaussian((len(exponents), *k.shape), generator)
    band = torch.fft.irfft2(noise * k ** (-0.5 * exponents[:, None, None]), s=(2 * size, 2 * size))[:, :size, :size]
    band = band - band.mean((1, 2), keepdim=True)
    return band / band.std((1, 2), keepdim=True).clamp(min=1e-12)


def pixel_grid(size: int, device: torch.device) -> Tensor:
    """Column and row of every pixel, [2, S, S]."""
    axis = torch.arange(size, device=device, dtype=torch.float32)
    return torch.stack(torch.meshgrid(axis, axis, indexing="xy"))


def bilinear(field: Tensor, position: Tensor) -> Tensor:
    """Values of [N, C, S, S] at float columns and rows [N, 2, S, S]; the edge is repeated outside."""
    grid = (2 * position / (field.shape[-1] - 1) - 1).permute(0, 2, 3, 1)
    return F.grid_sample(field, grid, mode="bilinear", padding_mode="border", align_corners=True)


def inverse_map(offset: Tensor, iterations: int = 24) -> tuple[Tensor, Tensor]:
    """Where the ground seen at each pixel of the secondary lies in the reference; see `warp.inverse_map`.

    Returns
    -------
    position : [N, 2, S, S]
    residual : [N, S, S], px; large where no ground of the reference arrives
    """
    target = pixel_grid(offset.shape[-1], offset.device)[None]
    position = target - offset
    for iteration in range(iterations):
        error = position + bilinear(offset, position) - target
        position = position - (error if iteration < 4 else 0.5 * error)
    error = position + bilinear(offset, position) - target
    return position, torch.linalg.vector_norm(error, dim=1)


def _weights(fraction: Tensor, taps: int) -> Tensor:
    """Kaiser-windowed sinc weights [N, taps, P] of fractions [N, P], each set summing to one."""
    tap = torch.arange(taps, device=fraction.device, dtype=torch.float32) - (taps // 2 - 1)
    distance = fraction[:, None] - tap[None, :, None]
    inside = (1 - (distance / (taps / 2)) ** 2).clamp(min=0)
    weight = torch.sinc(distance) * torch.special.i0(KAISER_BETA * inside.sqrt())
    return weight / weight.sum(1, keepdim=True)


def sample(image: Tensor, position: Tensor, taps: int = TAPS) -> Tensor:
    """Values of [N, C, H, W], real or complex, at columns and rows [N, 2, h, w]; see `warp.sample`."""
    count, channels, height, width = image.shape
    half = taps // 2
    if image.is_complex():  # real and imaginary part as channels: one gather for both
        parts = torch.view_as_real(image).permute(0, 1, 4, 2, 3).reshape(count, 2 * channels, height, width)
        found = sample(parts, position, taps).reshape(count, channels, 2, *position.shape[-2:])
        return torch.view_as_complex(found.permute(0, 1, 3, 4, 2).contiguous())
    x = position[:, 0].reshape(count, -1).clamp(-half, width - 1 + half)
    y = position[:, 1].reshape(count, -1).clamp(-half, height - 1 + half)
    column, row = x.floor(), y.floor()
    weight_x, weight_y = _weights(x - column, taps), _weights(y - row, taps)
    column, row = column.long(), row.long()
    flat = image.reshape(count, channels, -1)
    columns = [(column + tap - half + 1).clamp(0, width - 1) for tap in range(taps)]
    total = torch.zeros((count, channels, x.shape[1]), device=image.device)
    for tap_y in range(taps):
        start = (row + tap_y - half + 1).clamp(0, height - 1) * width
        line = torch.zeros_like(total)
        for tap_x in range(taps):
            index = (start + columns[tap_x])[:, None].expand(-1, channels, -1)
            line += flat.gather(2, index) * weight_x[:, None, tap_x]
        total += line * weight_y[:, None, tap_y]
    return total.reshape(count, channels, *position.shape[-2:])


def blurred(image: Tensor, widths: Tensor) -> Tensor:
    """Each image [N, S, S] smoothed by a Gaussian of its own width (px); 0 leaves it as it is."""
    if not bool((widths > 0).any()):
        return image
    radius = 4
    tap = torch.arange(-radius, radius + 1, device=image.device, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (tap / widths.clamp(min=1e-3)[:, None]) ** 2)
    kernel = (kernel / kernel.sum(1, keepdim=True))[:, None]
    padded = F.pad(image[None], (radius,) * 4, mode="replicate")
    rows = F.conv2d(padded, kernel[..., None], groups=len(image))
    return F.conv2d(rows, kernel[:, :, None], groups=len(image))[0]


def _double(image: Tensor) -> Tensor:
    """Grid twice as fine: sample i of the result lies at i / 2."""
    for axis in (1, 2):
        last = image.narrow(axis, -1, 1)
        following = torch.cat([image.narrow(axis, 1, image.shape[axis] - 1), last], axis)
        image = torch.stack([image, 0.5 * (image + following)], axis + 1).flatten(axis, axis + 1)
    return image


class FineGrid:
    """The grid oversampled by two that speckle is made on: the image, its surroundings and what the FFT likes."""

    def __init__(self, size: int, largest_offset: float):
        self.size, self.pad = size, math.ceil(largest_offset) + EDGE
        if self.pad >= size:
            raise ValueError(f"Offsets of {largest_offset:.0f} px are too large for pairs of {size} px.")
        self.side = lengths.next_fast_len(2 * (size + 2 * self.pad))

    def spread(self, image: Tensor) -> Tensor:
        """[N, S, S] onto the grid, mirrored at its edge."""
        doubled = _double(F.pad(image, (self.pad,) * 4, mode="reflect"))
        extra = self.side - doubled.shape[-1]
        return F.pad(doubled, (0, extra, 0, extra), mode="replicate")

    def inner(self, image: Tensor) -> Tensor:
        """The image's own pixels of [..., side, side]; the result is a view."""
        inside = slice(2 * self.pad, 2 * (self.pad + self.size), 2)
        return image[..., inside, inside]

    def response(self, sensors: list[Sensor], device: torch.device) -> Tensor:
        """Amplitude responses [N, side, side] that keep the power of white noise; see `synthetic.Sensor`."""
        frequency = torch.fft.fftfreq(self.side, device=device).abs() * 2

        def axis(name: str) -> Tensor:
            bandwidth = torch.tensor([getattr(sensor, name) for sensor in sensors], device=device)[:, None]
            taper = torch.tensor([sensor.taper for sensor in sensors], device=device)[:, None]
            shape = taper + (1 - taper) * torch.cos(2 * torch.pi * frequency / bandwidth)
            return torch.where(frequency <= bandwidth / 2, shape, 0.0)

        response = axis("bandwidth_y")[:, :, None] * axis("bandwidth_x")[:, None, :]
        return response / (response**2).mean((1, 2), keepdim=True).sqrt()


def speckle_pairs(
    intensity: Tensor,
    after: Tensor,
    offset: Tensor,
    coherence: Tensor,
    looks: Tensor,
    scatterers: Tensor,
    sensors: list[Sensor],
    generator: Generator,
) -> tuple[Tensor, Tensor]:
    """Detected images of ground that moved; see `synthetic.speckle_pair`.

    Parameters
    ----------
    intensity, after, coherence : [N, S, S]
        Reflectivity (power) at the two dates and coherence, on the reference grid.
    offset : [N, 2, S, S]
    looks : [N], whole numbers
    scatterers : [N, S, S]
        Amplitude of point scatterers, 0 where there is none.
    sensors : N sensors
    generator : torch.Generator
        On the device of the images.

    Returns
    -------
    reference, secondary : [N, S, S] amplitudes
    """
    size, device = intensity.shape[-1], intensity.device
    grid = FineGrid(size, float(offset.abs().max()))
    response = grid.response(sensors, device)
    position, residual = inverse_map(offset)
    coherent = bilinear(coherence[:, None], position)[:, 0].clamp(0, 1)
    # ground that was not there in the reference cannot be coherent with it
    coherent = torch.where(residual > 0.5, 0.0, coherent)
    fine_position = 2 * (position + grid.pad)
    before, later = grid.spread(intensity).sqrt(), grid.spread(after).sqrt()
    placed = torch.zeros(before.shape, dtype=torch.complex64, device=device)
    grid.inner(placed).copy_(scatterers * torch.exp(2j * torch.pi * uniform(scatterers.shape, generator)))
    points = torch.fft.ifft2(torch.fft.fft2(placed) * response) / response.mean((1, 2))[:, None, None]
    noise_db = torch.tensor([sensor.noise_db for sensor in sensors], device=device)
    noise = (intensity.flatten(1).median(1).values * 10 ** (noise_db / 10)).sqrt()[:, None, None]
    first, second = torch.zeros_like(intensity), torch.zeros_like(intensity)
    for look in range(int(looks.max())):
        on = torch.nonzero(looks > look)[:, 0]
        white = gaussian((len(on), 2, grid.side, grid.side), generator)
        grains = torch.stack([before[on] * white[:, 0], later[on] * white[:, 1], later[on] * white[:, 0]], 1)
        bands = torch.fft.ifft2(torch.fft.fft2(grains) * response[on][:, None])
        moved = sample(torch.stack([bands[:, 2], bands[:, 1], points[on]], 1), fine_position[on], FINE_TAPS)
        seen = grid.inner(bands[:, 0] + points[on])
        found = coherent[on] * moved[:, 0] + (1 - coherent[on] ** 2).sqrt() * moved[:, 1] + moved[:, 2]
        thermal = gaussian((2, len(on), size, size), generator) * noise[on]
        first[on] += (seen + thermal[0]).abs() ** 2
        second[on] += (found + thermal[1]).abs() ** 2
    widths = torch.tensor([sensor.blur_px for sensor in sensors], device=device)
    count = looks[:, None, None]
    return (blurred(first, widths) / count).sqrt(), (blurred(second, widths) / count).sqrt()
