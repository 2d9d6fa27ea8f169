"""Correlation inside the graph: fixed arithmetic that gives a network its candidates. Plain operators only."""

from __future__ import annotations

import copy
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

TINY = 1e-30
LEAST_PEAK = 1e-4  # of correlation
_TOGETHER = 8  # pixels of a row that `block_mean` takes together: half of a tile's sides are multiples of it
_NOTHING = -40.0  # exp() of less is as good as 0; where it underflows, processors take twenty times as long


def box(values: Tensor, width: int) -> Tensor:
    """Mean over a square of `width` nodes (odd); at the border over the nodes that exist."""
    return F.avg_pool2d(values, width, 1, width // 2, count_include_pad=False)


def block_mean(values: Tensor, block: int) -> Tensor:
    """Mean over squares of `block` pixels, [N,C,H,W] to [N,C,H/block,W/block]; rows beyond the last square are left.

    Runtimes add up columns of a matrix product twice as fast as they pool along rows. W is a multiple of `_TOGETHER`.
    """
    return _row_means(F.avg_pool2d(values, (block, 1)), block)


def _row_means(lines: Tensor, block: int) -> Tensor:
    """Mean over so many pixels of a row, [N,C,H,W] to [N,C,H,W/block]."""
    blocks = torch.eye(_TOGETHER // block).repeat_interleave(block, 0) / block
    count, channels, height, _ = lines.shape
    return (lines.reshape(count, channels, height, -1, _TOGETHER) @ blocks.to(lines)).flatten(3)


def enlarge(values: Tensor, factor: int) -> Tensor:
    """Bilinear, block centres kept."""
    return F.interpolate(values, scale_factor=float(factor), mode="bilinear", align_corners=False)


def interleave(values: Tensor) -> Tensor:
    """``pixel_shuffle(values, 2)``, [N,4C,H,W] to [N,C,2H,2W]: columns first, then rows, which takes half as long."""
    count, channels, height, width = values.shape
    columns = values.reshape(-1, 2, height * width).transpose(1, 2)
    rows = columns.reshape(-1, 2, height, 2 * width).transpose(1, 2)
    return rows.reshape(count, channels // 4, 2 * height, 2 * width)


class Normalise(nn.Module):
    """Linear amplitude at any scale to a texture of local mean 0 and variance 1; 0 where invalid.

    Speckle is multiplicative: the logarithm makes its strength the same everywhere. The constant keeps the deep
    nulls of single-look speckle, which carry no position, from ruling the correlation.
    """

    def __init__(self, soften: float, whiten: float, block: int = 8, width: int = 5):
        super().__init__()
        self.soften, self.block, self.width = soften, block, width
        # the image filtered by the inverse of its own correlation: speckle is wider than a pixel, and equal weight
        # on all its frequencies makes the correlation peak sharp (a third less noise than without)
        self.whiten = whiten

    def _local(self, values: Tensor, share: Tensor) -> Tensor:
        return box(F.avg_pool2d(values, self.block), self.width) / share

    def _whitened(self, texture: Tensor) -> Tensor:
        """Minus a share of the neighbours, along rows and then along columns."""
        texture = texture - self.whiten * (F.pad(texture, (-1, 1, 0, 0)) + F.pad(texture, (1, -1, 0, 0)))
        return texture - self.whiten * (F.pad(texture, (0, 0, -1, 1)) + F.pad(texture, (0, 0, 1, -1)))

    def forward(self, amplitude: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Texture [N,1,H,W], the same whitened, and the share of valid pixels per block [N,1,H/8,W/8]."""
        valid = (amplitude > 0).to(amplitude.dtype)
        share = box(F.avg_pool2d(valid, self.block), self.width) + 1e-4
        mean = enlarge(self._local(amplitude * valid, share), self.block)
        level = torch.log(amplitude / (mean + TINY) + self.soften) * valid
        centre = self._local(level, share)
        spread = self._local(level * level, share) - centre * centre
        texture = (level - enlarge(centre, self.block)) * torch.rsqrt(enlarge(spread.clamp(min=0.0), self.block) + 1e-3)
        texture = texture.clamp(-4.0, 4.0) * valid
        return texture, self._whitened(texture) * valid, share


def window(start: int, spare: int) -> slice:
    """What begins at `start` along an axis that is `spare` longer than it.

    Its end is counted from that of the axis: that is known before an image is seen.
    """
    return slice(start, start - spare or None)


class Strip(NamedTuple):
    """Rows of an image that are worked on together.

    Attributes
    ----------
    top, bottom : int
        First row, and the first one after the strip.
    kept : int
        Nodes along the columns whose answers are kept, from the top; what is beyond is the next strip's.
    """

    top: int
    bottom: int
    kept: int


def strips(nodes: int, count: int, block: int = 1) -> list[Strip]:
    """So many strips, about equally high, of nodes that are `block` rows apart.

    None is empty, however few nodes there are: runtimes do not pool nothing. What is done strip by strip stays in the
    cache of a processor between one operator and the next.
    """
    kept, high = nodes // count, (nodes + count - 1) // count
    step, reach, last = kept * block, high * block, kept * (count - 1)
    tops = [step * i for i in range(count - 1)]
    return [*(Strip(top, top + reach, kept) for top in tops), Strip(last * block, nodes * block, nodes - last)]


def shifted_products(first: Tensor, second: Tensor, radius: int, block: int, parts: int = 1) -> Tensor:
    """Block means of first(p) * second(p + d) for all |dx|, |dy| <= radius: [N, (2r+1)^2, H/block, W/block].

    Channel order: dy outer, dx inner. It is worked out in so many strips.
    """
    padded = F.pad(second, (radius,) * 4)
    found = []
    for top, bottom, kept in strips(first.shape[2] // block, parts, block):
        products = _products(first[:, :, top:bottom], padded[:, :, top : bottom + 2 * radius], radius, block)
        found.append(products[:, :, :kept])
    return torch.cat(found, 2)


def _products(first: Tensor, padded: Tensor, radius: int, block: int) -> Tensor:
    """`shifted_products` of a second image that has `radius` pixels more on every side."""
    places = [window(step, 2 * radius) for step in range(2 * radius + 1)]
    columns = torch.cat([padded[:, :, :, place] for place in places], 1)
    return _row_means(torch.cat([F.avg_pool2d(first * columns[:, :, place], (block, 1)) for place in places], 1), block)


def neighbour_products(first: Tensor, second: Tensor, block: int) -> Tensor:
    """`shifted_products` without shift and by one pixel along an axis: [N, 5, H/block, W/block].

    Channel order: none, left, right, up, down.
    """
    padded = F.pad(second, (1, 1, 1, 1))
    moved = [second, padded[:, :, 1:-1, :-2], padded[:, :, 1:-1, 2:], padded[:, :, :-2, 1:-1], padded[:, :, 2:, 1:-1]]
    return torch.cat([block_mean(first * image, block) for image in moved], 1)


def likeness(texture: Tensor, block: int = 8, width: int = 9) -> Tensor:
    """Correlation of a texture with itself one and two pixels on: lag 1 in x, in y, lag 2 in x, in y; [N,4,H/8,W/8].

    It tells how finely the sensor samples its speckle.
    """
    energy = box(F.avg_pool2d(texture * texture, block), width) + 1e-4
    found = []
    for lag in (1, 2):
        for moved in (F.pad(texture, (-lag, lag, 0, 0)), F.pad(texture, (0, 0, -lag, lag))):
            found.append(box(F.avg_pool2d(texture * moved, block), width) / energy)
    return torch.cat(found, 1)


def shifts(radius: int) -> Tensor:
    """The (dx, dy) of each channel of `shifted_products`: [2, (2r+1)^2]."""
    step = torch.arange(-radius, radius + 1, dtype=torch.float32)
    dy, dx = torch.meshgrid(step, step, indexing="ij")
    return torch.stack([dx.flatten(), dy.flatten()])


class Oversample(nn.Module):
    """Image at twice the sampling: between the pixels a windowed sinc over eight of them.

    Bicubic resampling of speckle at its own sampling blurs by an amount that depends on the fraction of a pixel, which
    draws answers towards whole pixels; from twice the sampling it hardly does.
    """

    def __init__(self, taps: int = 8):
        super().__init__()
        position = torch.arange(taps) - (taps - 1) / 2
        weight = torch.sinc(position) * torch.cos(torch.pi * position / (taps + 1)) ** 2
        self.register_buffer("kernel", weight / weight.sum())
        self.before, self.after = taps // 2 - 1, taps // 2

    def forward(self, image: Tensor) -> Tensor:
        """[N,1,H,W] to [N,1,2H,2W]; sample (2y, 2x) is pixel (y, x)."""
        padded = F.pad(image, (self.before, self.after, 0, 0))
        # upper and lower half as two channels: runtimes that like many channels fill up a single one to sixteen
        halves = padded.reshape(padded.shape[0], 2, padded.shape[2] // 2, padded.shape[3])
        right = F.conv2d(halves, self.kernel.view(1, 1, 1, -1).repeat(2, 1, 1, 1), groups=2).reshape(image.shape)
        lines = F.pad(torch.cat([image, right], 1), (0, 0, self.before, self.after))
        below = F.conv2d(lines, self.kernel.view(1, 1, -1, 1).repeat(2, 1, 1, 1), groups=2)
        return interleave(torch.cat([image, right, below], 1))


class Trim(NamedTuple):
    """Sides of a tile that are not worked on any more.

    Attributes
    ----------
    sides : Tensor of int64 [4]
        Left, top, right, bottom, px.
    """

    sides: Tensor

    def _rows(self, values: Tensor, node: int) -> slice:
        return slice(self.sides[1] // node, values.shape[2] - self.sides[3] // node)

    def _columns(self, values: Tensor, node: int) -> slice:
        return slice(self.sides[0] // node, values.shape[3] - self.sides[2] // node)

    def rows(self, values: Tensor, node: int = 1) -> Tensor:
        """Values whose rows are `node` px apart, without those above and below."""
        return values[:, :, self._rows(values, node)]

    def columns(self, values: Tensor, node: int = 1) -> Tensor:
        """The same for columns."""
        return values[:, :, :, self._columns(values, node)]

    def __call__(self, values: Tensor, node: int = 1) -> Tensor:
        """The same for both."""
        return values[:, :, self._rows(values, node), self._columns(values, node)]


class Sampler:
    """Reads an image between its pixels, from the image at twice the sampling (`Oversample`); 0 outside.

    Parameters
    ----------
    fine : Tensor [N,1,2H,2W]
    """

    #: Zeros around the image for `nearest`, px: what moves further is read as if it moved this far.
    border = 32

    def __init__(self, fine: Tensor):
        self.fine = fine
        height, width = fine.shape[-2:]
        self.row = torch.arange(height // 2, device=fine.device, dtype=torch.int32)[None, None, :, None]
        self.column = torch.arange(width // 2, device=fine.device, dtype=torch.int32)[None, None, None, :]
        padded = F.pad(fine, (2 * self.border,) * 4)
        self.stride = padded.shape[-1]
        self.flat = padded.reshape(padded.shape[0], -1)

    def within(self, trim: Trim) -> Sampler:
        """The same image, read from fewer places."""
        return self._at(trim.rows(self.row), trim.columns(self.column))

    def rows(self, top: int, bottom: int) -> Sampler:
        """The same image, read from the rows `top` to `bottom` of its places alone."""
        return self._at(self.row[:, :, top:bottom], self.column)

    def _at(self, row: Tensor, column: Tensor) -> Sampler:
        part = copy.copy(self)
        part.row, part.column = row, column
        return part

    @property
    def place(self) -> Tensor:
        """Where in the flat image the pixels are that are read without an offset, [1,1,H,W]."""
        return 2 * ((self.row + self.border) * self.stride + self.column + self.border)

    def warp(self, offset: Tensor, block: int) -> Tensor:
        """Bicubic resampling: out(p) = image(p + offset(p)), the offset bilinear between nodes `block` px apart.

        [N,2,h,w] to [N,1,block*h,block*w]. All that can be reckoned at the nodes is.
        """
        height, width = self.fine.shape[-2:]
        right, down = 4 / (width - 1), 4 / (height - 1)
        x = enlarge(offset[:, :1] * right, block) + (self.column * right - 1)
        y = enlarge(offset[:, 1:] * down, block) + (self.row * down - 1)
        path = torch.cat([x, y], 1).permute(0, 2, 3, 1)
        return F.grid_sample(self.fine, path, mode="bicubic", padding_mode="zeros", align_corners=True)

    def rounded(self, offset: Tensor) -> Tensor:
        """Offsets in whole samples of the oversampled image, as numbers with a point."""
        return torch.round(2 * offset.clamp(-self.border, self.border))

    def _distance(self, whole: Tensor) -> Tensor:
        """Steps along rows and columns as one in the flat image; a number with a point holds it to the last digit."""
        return whole[:, 1:] * self.stride + whole[:, :1]

    def steps(self, offset: Tensor, block: int) -> Tensor:
        """Distances in the flat image, for `nearest`, of offsets that are bilinear between nodes `block` px apart.

        [N,2,h,w] to whole numbers [N,1,block*h,block*w].
        """
        samples = enlarge(2 * offset.clamp(-self.border, self.border), block)
        return self._distance(torch.round(samples)).int()

    def block_steps(self, offset: Tensor, block: int) -> Tensor:
        """The same for blocks of pixels that move as a whole."""
        distance = self._distance(self.rounded(offset))
        return F.interpolate(distance, scale_factor=float(block), mode="nearest").int()

    def nearest(self, steps: Tensor) -> Tensor:
        """The image at the sample nearest to every pixel moved by `steps`: [N,1,H,W].

        Runtimes gather from a flat image ten times faster than they sample along a path.
        """
        place = self.place + steps
        return torch.gather(self.flat, 1, place.flatten(1).long()).reshape_as(place)


class SoftPeak(nn.Module):
    """What a correlation surface says of the shift, twice over.

    The expected shift under exp(sharpness * correlation), which falls back to no shift where nothing stands out; and
    the place of the highest correlation, made finer by the same expectation among the shifts next to it. The first
    errs less on average, the second does not shrink the motion of what is small or barely coherent.
    """

    neighbourhood = 1.0  # shifts, standard deviation

    def __init__(self, radius: int, sharpness: float, parts: int = 1):
        super().__init__()
        self.parts = parts
        self.log_sharpness = nn.Parameter(torch.log(torch.tensor(sharpness)))
        self.log_local = nn.Parameter(torch.log(torch.tensor(sharpness)))
        moments = shifts(radius)
        table = torch.stack([torch.ones_like(moments[0]), moments[0], moments[1], (moments**2).sum(0)])
        self.register_buffer("table", table[:, :, None, None])
        # -|d - place|^2 / 2 of every shift d, from the place, 1 and -|place|^2 / 2
        squares = -0.5 * (moments**2).sum(0, keepdim=True)
        towards = torch.cat([moments, squares, torch.ones_like(squares)]).T / self.neighbourhood**2
        self.register_buffer("towards", towards.clone(), persistent=False)
        self.scale = float(radius)

    def _mean(self, weight: Tensor) -> Tensor:
        """Mean shift dx, dy under the weights, and mean square shift."""
        total = F.conv2d(weight, self.table)
        return total[:, 1:] / total[:, :1]

    def forward(self, correlation: Tensor) -> tuple[Tensor, Tensor]:
        """[N, 4, h, w]: expected dx, dy, highest correlation, spread (in radii); [N, 2, h, w]: dx, dy of the peak."""
        if self.parts == 1:
            return self._read(correlation)
        soft, local = [], []
        for top, bottom, kept in strips(correlation.shape[2], self.parts):
            for found, all_of_them in zip(self._read(correlation[:, :, top:bottom]), (soft, local)):
                all_of_them.append(found[:, :, :kept])
        return torch.cat(soft, 2), torch.cat(local, 2)

    def _read(self, correlation: Tensor) -> tuple[Tensor, Tensor]:
        peak = correlation.amax(1, keepdim=True)
        below = correlation - peak
        moments = self._mean(torch.exp((below * torch.exp(self.log_sharpness)).clamp(min=_NOTHING)))
        offset = moments[:, :2]
        spread = torch.sqrt((moments[:, 2:] - (offset * offset).sum(1, keepdim=True)).clamp(min=0.0) + 1e-4)
        # what rounding makes of a flat surface (no image, say) is not a peak
        place = self._mean((below > -LEAST_PEAK).to(correlation.dtype))[:, :2]
        square = (place * place).sum(1, keepdim=True)
        near = self.towards @ torch.cat([place, torch.ones_like(square), -0.5 * square], 1).flatten(2)
        near = near.reshape_as(correlation)
        local = self._mean(torch.exp((below * torch.exp(self.log_local) + near).clamp(min=_NOTHING)))[:, :2]
        return torch.cat([offset, peak, spread / self.scale], 1), local


def parabola_peak(correlation: Tensor) -> Tensor:
    """Vertex of the parabola through three correlations per axis, from the five of `neighbour_products`.

    Gives dx, dy (within one pixel), the correlation at zero shift and the curvature.
    """
    centre, before, after = correlation[:, :1], correlation[:, 1::2], correlation[:, 2::2]
    bend = 2 * centre - after - before
    # where the surface does not bend down there is no peak: a weak floor keeps the vertex near
    step = (0.5 * (after - before) / bend.clamp(min=0.02)).clamp(-1.0, 1.0)
    return torch.cat([step, centre, bend.mean(1, keepdim=True)], 1)


def unbend(vertex: Tensor, gain: Tensor) -> Tensor:
    """Shift that makes a parabola's vertex lie at `vertex`.

    A correlation peak of speckle sampled at about its own bandwidth is narrower than the parabola through three
    points: small shifts come out 1.5 to 3 times too small (how much depends on the sensor: `gain`), half a pixel comes
    out right by symmetry.
    """
    size = vertex.abs()
    return torch.sign(vertex) * torch.minimum(gain * size, 0.25 + 0.5 * size)


def softmax(logits: Tensor) -> Tensor:
    """Softmax over the channels, from operators that runtimes do without moving the axis; logits within +-20."""
    weight = torch.exp(logits.clamp(-20.0, 20.0))
    return weight / weight.sum(1, keepdim=True)
