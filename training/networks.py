"""Architectures. Each maps (reference, secondary) to (offset, log_sigma) under the ONNX contract of the product."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.correlate import (
    Normalise,
    Oversample,
    Sampler,
    SoftPeak,
    Trim,
    box,
    enlarge,
    interleave,
    likeness,
    neighbour_products,
    parabola_peak,
    shifted_products,
    softmax,
    strips,
    unbend,
    window,
)
from training.unets import UNet, UNetPlusPlus

# (halvings of the node grid, width in nodes there): wide windows move slowly over the image, so that their surfaces
# are made and read on coarser nodes
COARSE_WINDOWS = ((0, 5), (1, 5), (1, 9))  # of 8-px nodes: 40, 80 and 144 px
COARSE_SHARPNESS = (80.0, 200.0, 400.0)
FINE_WINDOWS = ((0, 3), (0, 5), (1, 5), (1, 9), (2, 9))  # of 4-px nodes: 12, 20, 40, 72 and 144 px
# Strips of a tile (`correlate.strips`) for multiplying images, for reading the surfaces of the smallest windows and for
# trying motions
COARSE_STRIPS, FINE_STRIPS, PEAK_STRIPS, TRIAL_STRIPS = 8, 16, 4, 8
PEAK_GAIN = 2.0  # of a typical sensor, see `correlate.unbend`
FINE_SHARPNESS = (12.0, 25.0, 50.0, 100.0, 200.0)


def _windowed(values: Tensor, windows) -> list[Tensor]:
    """Mean of a grid over each window, on the window's own (halved) grid."""
    grids = [values]
    for _ in range(max(level for level, _ in windows)):
        grids.append(F.avg_pool2d(grids[-1], 2))
    return [box(grids[level], width) for level, width in windows]


def _full(values: list[Tensor], windows) -> list[Tensor]:
    """Back from each window's grid to the nodes."""
    return [enlarge(value, 2**level) if level else value for value, (level, _) in zip(values, windows)]


def _conv(inputs: int, outputs: int, kernel: int = 3, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    pad = dilation * (kernel // 2)
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, pad, dilation), nn.ReLU())


def _filled(body: nn.Sequential, features: Tensor, filling: Tensor, more: int) -> Tensor:
    """``body(features)`` with so many channels more: those of `filling`, whose weight is 0.

    ONNX Runtime rearranges channels for its wide convolutions when they are a multiple of four in number.
    """
    convolution, rectify = body[0], body[1]
    weight = torch.cat([convolution.weight, torch.zeros_like(convolution.weight[:, :more])], 1)
    return rectify(F.conv2d(torch.cat([features, filling[:, :more]], 1), weight, convolution.bias))


def _apart(values: Tensor) -> Tensor:
    """The same values, of a single channel.

    What follows a convolution ONNX Runtime does on as many channels as that likes, sixteen; not across this.
    """
    return values.squeeze(1).unsqueeze(1)


def _quiet(layer: nn.Conv2d, scale: float = 0.01) -> nn.Conv2d:
    """A head that starts near zero, so that step 0 answers what correlation answers."""
    with torch.no_grad():
        layer.weight.mul_(scale)
        layer.bias.zero_()
    return layer


def _readers(radius: int, sharpness: Sequence[float], windows) -> nn.ModuleList:
    """What reads the surface of each window."""
    parts = [1 if level else PEAK_STRIPS for level, _ in windows]
    return nn.ModuleList([SoftPeak(radius, sharp, part) for sharp, part in zip(sharpness, parts)])


def _peaks(readers: nn.ModuleList, surfaces: list[Tensor], windows) -> tuple[list[Tensor], list[Tensor]]:
    """Per window at the nodes: what `SoftPeak` says of the surface, and the place of its peak."""
    read = [reader(surface) for reader, surface in zip(readers, surfaces)]
    return _full([soft for soft, _ in read], windows), _full([local for _, local in read], windows)


class Coarse(nn.Module):
    """Search over +-16 px on half-resolution images at 8-px nodes; which window to believe is learned."""

    radius = 8

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.peaks = _readers(self.radius, COARSE_SHARPNESS, COARSE_WINDOWS)
        count = len(COARSE_WINDOWS)
        self.body = nn.Sequential(
            _conv(6 * count + 1, width, 1), _conv(width, width), _conv(width, width, dilation=2), _conv(width, width)
        )
        self.choose = _quiet(nn.Conv2d(width, count, 1))
        self.choose_local = _quiet(nn.Conv2d(width, count, 1))
        self.residual = _quiet(nn.Conv2d(width, 2, 1))
        self.hidden = nn.Conv2d(width, hidden, 1)
        with torch.no_grad():
            self.choose.bias.copy_(torch.tensor([1.0, 0.0, 0.0]))
            self.choose_local.bias.copy_(torch.tensor([0.0, 0.0, 0.0]))

    def correlate(self, first: Tensor, second: Tensor) -> list[Tensor]:
        """Normalised correlation per window, 289 channels each. Nothing here is learned."""
        first, second = F.avg_pool2d(first, 2), F.avg_pool2d(second, 2)
        products = shifted_products(first, second, self.radius, 4, COARSE_STRIPS)
        energy = box(F.avg_pool2d(first * first, 4), 5) * box(F.avg_pool2d(second * second, 4), 5)
        products = products * torch.rsqrt(energy + 1e-4)
        return _windowed(products, COARSE_WINDOWS)

    def forward(self, surfaces: list[Tensor], share: Tensor) -> tuple[Tensor, Tensor]:
        """Offset in pixels at 8-px nodes, and the hidden state."""
        peaks, local = _peaks(self.peaks, surfaces, COARSE_WINDOWS)
        offsets = torch.stack([2 * peak[:, :2] for peak in peaks + local], 1)  # half-resolution pixels to pixels
        features = [torch.cat([peak[:, :2] / 4, peak[:, 2:] * 2], 1) for peak in peaks]
        body = self.body(torch.cat([*features, share, *[peak / 4 for peak in local]], 1))
        weight = softmax(torch.cat([self.choose(body), self.choose_local(body)], 1))[:, :, None]
        return (offsets * weight).sum(1) + 2 * self.residual(body), self.hidden(body)


class Fine(nn.Module):
    """Correction at 4-px nodes from the secondary warped by the present estimate, at full resolution."""

    def __init__(self, radius: int, width: int, hidden: int):
        super().__init__()
        self.radius = radius
        windows = len(FINE_WINDOWS)
        self.candidates = 2 * windows
        self.peaks = _readers(radius, FINE_SHARPNESS, FINE_WINDOWS) if radius > 1 else nn.ModuleList()
        self.look = nn.Conv2d(3, 24, 4, 4)
        inputs = 4 * windows + 2 * self.candidates + 24 + hidden + 4 + 1 + 2 * self.candidates
        if radius > 1:
            inputs += 2 * windows
        self.enter = _conv(inputs, width, 1)
        self.near = _conv(width, width)
        self.down = _conv(width, width + 16, 3, 2)
        self.far = nn.Sequential(_conv(width + 16, width + 16, dilation=2), _conv(width + 16, width + 16, dilation=2))
        self.merge_near = nn.Conv2d(width, width, 3, padding=1)
        self.merge_far = nn.Conv2d(width + 16, width, 1)
        self.choose = _quiet(nn.Conv2d(width, self.candidates, 1))
        self.choose_local = _quiet(nn.Conv2d(width, windows, 1)) if radius > 1 else None
        self.residual = _quiet(nn.Conv2d(width, 2, 1))
        self.log_gain = _quiet(nn.Conv2d(width, windows, 1)) if radius == 1 else None
        self.hidden = nn.Conv2d(width, hidden, 1)
        with torch.no_grad():
            # believe the 36-px window first, and the plain window more than the one that keeps the present detail
            self.choose.bias.copy_(torch.tensor([0.0, 0.5, 1.5, 1.0, 0.0] + [0.5, 0.5, 0.5, 0.0, -1.0]))
            if self.choose_local is not None:
                self.choose_local.bias.fill_(-1.0)

    def begin(self, second: Sampler, offset: Tensor) -> tuple[Tensor, Tensor]:
        """Where the correction begins, near `offset`, and the secondary as seen from there.

        Blocks are moved as they are to the nearest sample: that costs a tenth of resampling, and is no error, for the
        correction begins at the sample.
        """
        samples = second.rounded(offset)
        return samples / 2, second.nearest(second.block_steps(samples / 2, 4))

    def correlate(self, first: Tensor, moved: Tensor) -> tuple[list[Tensor], Tensor]:
        """Correlation per window after warping, and what the warped pair looks like."""
        # the parabola of radius 1 reads the nearest shifts only
        cross = self.radius == 1
        if cross:
            products = neighbour_products(first, moved, 4)
        else:
            products = shifted_products(first, moved, self.radius, 4, FINE_STRIPS)
        energies = [F.avg_pool2d(image * image, 4) for image in (first, moved)]
        surfaces = []
        for means in _windowed(torch.cat([products] + energies, 1), FINE_WINDOWS):
            surfaces.append(means[:, :-2] * torch.rsqrt(means[:, -2:-1] * means[:, -1:] + 1e-4))
        return surfaces, torch.cat([first, moved, first * moved], 1)

    def forward(self, surfaces: list[Tensor], looks: Tensor, offset: Tensor, hidden: Tensor, share: Tensor):
        """Corrected offset, hidden state, and the features the heads read."""
        if self.radius > 1:
            peaks, local = _peaks(self.peaks, surfaces, FINE_WINDOWS)
        else:
            peaks, local = _full([parabola_peak(surface) for surface in surfaces], FINE_WINDOWS), []
        # the rigid answer of a window is the mean estimate in it plus its shift; the other keeps present detail
        smooth = _full(_windowed(offset, FINE_WINDOWS), FINE_WINDOWS)
        vertices = [peak[:, :2] for peak in peaks]
        typical = torch.full_like(vertices[0][:, :1], PEAK_GAIN)
        steps = vertices if self.radius > 1 else [unbend(vertex, typical) for vertex in vertices]
        corrections = [step + mean - offset for step, mean in zip(steps, smooth)] + steps
        turn = torch.cat([torch.sin(6.2831853 * offset), torch.cos(6.2831853 * offset)], 1)
        features = peaks + [torch.clamp(c, -2.0, 2.0) for c in corrections]
        # the same corrections magnified: between windows, a tenth of a pixel is already news
        small = [torch.tanh(10 * c) for c in corrections]
        features = torch.cat(features + [self.look(looks), hidden, turn, share] + small + local, 1)
        near = self.near(_filled(self.enter, features, hidden, -self.enter[0].in_channels % 4))
        far = self.merge_far(self.far(self.down(near)))
        body = torch.relu(self.merge_near(near) + enlarge(far, 2))
        if self.log_gain is not None:
            gains = PEAK_GAIN * torch.exp(self.log_gain(body).clamp(-1.5, 1.0))
            steps = [unbend(vertex, gains[:, i : i + 1]) for i, vertex in enumerate(vertices)]
            corrections = [step + mean - offset for step, mean in zip(steps, smooth)] + steps
        logits = self.choose(body)
        if self.choose_local is not None:
            logits = torch.cat([logits, self.choose_local(body)], 1)
            corrections = corrections + local
        weight = softmax(logits)[:, :, None]
        correction = (torch.stack(corrections, 1) * weight).sum(1) + self.residual(body)
        return offset + correction, torch.tanh(self.hidden(body)), body


class Final(Fine):
    """The correction that is not corrected again: it begins at the very estimate."""

    def begin(self, second: Sampler, offset: Tensor) -> tuple[Tensor, Tensor]:
        """The estimate, and the secondary resampled by it."""
        return offset, second.warp(offset, 4)


class Propagate(nn.Module):
    """Whose motion does a place share? Its own estimate and its neighbours' are each tried on the images.

    A window that straddles a margin answers a mean of both sides. Eight neighbours at a distance beyond the mix offer
    their motions; each is tried by warping the secondary with it, and what agrees in a window far smaller than any
    that could find the motion decides (the propagation of PatchMatch: Barnes et al. 2009, ACM Trans. Graph. 28, 24).

    Parameters
    ----------
    block : int
        Side of the nodes it works on, px.
    reach : int
        Distance of the neighbours, nodes.
    inputs, width : int
        Channels of the features that come in and of those that go out.
    """

    windows = (1, 3, 7)  # nodes
    sharpness = (2.0, 6.0, 12.0)  # of the correlation in each at first
    count = 9  # motions that are tried
    described = 4 * (count - 1)  # channels of `describe`

    def __init__(self, block: int, reach: int, inputs: int, width: int):
        super().__init__()
        self.block, self.reach = block, reach
        self.log_sharpness = nn.Parameter(torch.log(torch.tensor(self.sharpness)))
        features = self.count * len(self.windows) + self.described + inputs + 1
        self.enter = _conv(features, width, 1)
        self.near = _conv(width, width)
        self.far = _conv(width, width, dilation=2)
        self.choose = _quiet(nn.Conv2d(width, self.count, 1))
        with torch.no_grad():
            self.choose.bias[self.count // 2] = 2.0  # the place's own estimate, unless there is a reason

    def hypotheses(self, first: Tensor, second: Sampler, offset: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """The field as each of the 3 x 3 neighbours has it, and how well the images agree with each.

        The agreement is the block mean of first * warped secondary per hypothesis, [N,9,h,w]; after it that of first
        squared, [N,1,h,w].
        """
        padded = F.pad(offset, (self.reach,) * 4, mode="replicate")
        steps = second.steps(padded, self.block)
        agreement = []
        for top, bottom, kept in strips(offset.shape[2], TRIAL_STRIPS, self.block):
            lines = steps[:, :, top : bottom + 2 * self.reach * self.block]
            tried = self._agreement(first[:, :, top:bottom], second.rows(top, bottom), lines)
            agreement.append(tried[:, :, :kept])
        return self._neighbours(padded, 1), torch.cat(agreement, 2), F.avg_pool2d(first * first, self.block)

    def _neighbours(self, padded: Tensor, node: int) -> list[Tensor]:
        """A padded field of so many values a node, along both axes, as each of the 3 x 3 neighbours has it."""
        reach = node * self.reach
        places = [window(begin, 2 * reach) for begin in (0, reach, 2 * reach)]
        return [padded[:, :, rows, columns] for rows in places for columns in places]

    def _agreement(self, first: Tensor, second: Sampler, steps: Tensor) -> Tensor:
        """Block means of first * warped secondary per hypothesis, from the steps of the padded field at every pixel."""
        # from twice the sampling the nearest is at most a quarter of a pixel away: enough to tell motions apart
        moved = second.nearest(torch.cat(self._neighbours(steps, self.block), 1))
        return F.avg_pool2d(first * moved, self.block)

    def describe(self, hypotheses: list[Tensor]) -> list[Tensor]:
        """What the network is told of the neighbours' motions: how they differ from the place's own, twice."""
        own = hypotheses[self.count // 2]
        apart = torch.cat([motion - own for motion in hypotheses if motion is not own], 1)
        return [torch.clamp(0.5 * apart, -2.0, 2.0), torch.tanh(5 * apart)]

    def combine(self, features: list[Tensor]) -> Tensor:
        """The first convolution."""
        return self.enter(torch.cat(features, 1))

    def forward(
        self, hypotheses: list[Tensor], agreement: Tensor, energy: Tensor, inputs: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Offset at the nodes, and features."""
        count = self.count
        scores = [agreement] + [box(agreement, width) for width in self.windows[1:]]
        told = [*self.describe(hypotheses), inputs, box(energy, self.windows[-1])]
        body = self.near(self.combine(scores + told))
        body = body + self.far(body)
        logits = self.choose(body)
        for score, sharp in zip(scores, torch.exp(self.log_sharpness).unbind()):
            logits = logits + sharp * (score - score[:, count // 2 : count // 2 + 1])
        weight = softmax(logits - logits.amax(1, keepdim=True))
        return sum(weight[:, i : i + 1] * hypothesis for i, hypothesis in enumerate(hypotheses)), body


class Sharpen(Propagate):
    """The same at half the distance between nodes, where every channel costs four times as much."""

    described = Propagate.count - 1

    def describe(self, hypotheses: list[Tensor]) -> list[Tensor]:
        """How far the neighbours' motions are from the place's own, 1 when far."""
        own = hypotheses[self.count // 2]
        apart = torch.cat([(motion - own).abs().sum(1, keepdim=True) for motion in hypotheses if motion is not own], 1)
        return [torch.tanh(apart)]

    def combine(self, features: list[Tensor]) -> Tensor:
        """The first convolution; with so few channels, to rearrange them takes longer than it saves."""
        together = torch.cat(features, 1)
        return _filled(self.enter, together, features[-1], 1)


class Last(NamedTuple):
    """What the last stage leaves at 2-px nodes.

    Attributes
    ----------
    edge : Tensor [N,C,h,w]
        Its features.
    sharp, own : Tensor [N,2,h,w]
        The offset it ends with and the one it began with, px.
    guess : Tensor [N,1,h,w]
        First guess of log sigma.
    likeness : Tensor [N,4,h,w]
        See `correlate.likeness`.
    """

    edge: Tensor
    sharp: Tensor
    own: Tensor
    guess: Tensor
    likeness: Tensor


class Vernier(nn.Module):
    """Takes out the pull towards whole pixels.

    Detected amplitude holds frequencies that its sampling cannot: between two samples the images differ from what any
    interpolation makes of them, and all matching is drawn to whole pixels. How much depends on the fraction of a pixel
    and on the sampling of the sensor, which the image's likeness to itself tells. None by symmetry at whole and at half
    pixels: the correction is a series of two sines whose amplitudes are learned, by `training.heads`.

    Parameters
    ----------
    inputs : int
        Channels of the last stage.
    width : int
        Channels within.
    """

    most = 0.2  # px, of each sine

    def __init__(self, inputs: int, width: int = 16):
        super().__init__()
        self.body = nn.Sequential(_conv(inputs + 7, width, 1), _conv(width, width, 1))
        self.amplitudes = _quiet(nn.Conv2d(width, 2, 1))

    def forward(self, last: Last) -> Tensor:
        """Correction of `last.sharp`, px; the two axes share the weights."""
        turn = 2 * torch.pi * last.sharp.detach()
        sine, cosine = torch.sin(turn), torch.cos(turn)
        step = torch.tanh(5 * (last.sharp - last.own).detach()).abs()
        found = []
        for axis in (0, 1):
            likeness = [last.likeness[:, i : i + 1] for i in (axis, 2 + axis, 1 - axis, 3 - axis)]
            part = slice(axis, axis + 1)
            body = self.body(torch.cat([last.edge, last.guess, cosine[:, part], step[:, part], *likeness], 1))
            amplitudes = self.most * torch.tanh(self.amplitudes(body))
            found.append(sine[:, part] * (amplitudes[:, :1] + 2 * cosine[:, part] * amplitudes[:, 1:]))
        return torch.cat(found, 1)


class Confidence(nn.Module):
    """Log sigma from what the last stage saw, by itself: `training.heads` fits it when all else is done.

    A first guess comes from the networks that measure. What it cannot know is that errors depend on the fraction of a
    pixel (none is seen at whole and half pixels, most between them), on the sampling, and how far the last stage went.

    Parameters
    ----------
    inputs : int
        Channels of the last stage.
    width : int
        Channels within.
    """

    def __init__(self, inputs: int, width: int = 16):
        super().__init__()
        self.body = nn.Sequential(_conv(inputs + 11, width, 1), _conv(width, width, 1))
        self.correction = _quiet(nn.Conv2d(width, 1, 1))

    def forward(self, last: Last) -> Tensor:
        """Log sigma at the nodes, [N, 1, h, w]."""
        sharp, own = last.sharp.detach(), last.own.detach()  # sigma describes the answer; it does not pull it
        turn = 2 * torch.pi * sharp
        step = torch.tanh(5 * (sharp - own)).abs()
        features = [last.edge, step, torch.sin(turn), torch.cos(turn), last.guess, last.likeness]
        return last.guess + _apart(self.correction(self.body(torch.cat(features, 1))))


class Upsample(nn.Module):
    """Nodes 2 px apart to pixels: each pixel a learned convex mean of the four nodes around it, bilinear at first."""

    def __init__(self, width: int):
        super().__init__()
        self.mask = nn.Sequential(_conv(width, 16, 1), _quiet(nn.Conv2d(16, 16, 1), 0.1))
        near, far = 0.75, 0.25  # of the two nodes along an axis, for a pixel a quarter of their distance from one
        with torch.no_grad():
            rows = torch.tensor([[far, near], [near, far]])  # [pixel of the node, first or second node]
            weights = torch.einsum("yi,xj->ijyx", rows, rows).reshape(16)
            self.mask[1].bias.copy_(torch.log(weights))

    def forward(self, values: Tensor, body: Tensor) -> Tensor:
        """[N, 2, h, w] to [N, 2, 2h, 2w], guided by the features of the last stage."""
        weight = torch.exp(self.mask(body).clamp(-20.0, 20.0))  # [first or second row and column, pixel]
        padded = F.pad(values, (1, 1, 1, 1), mode="replicate")
        near = [[padded[:, :, window(y, 2), window(x, 2)] for x in range(3)] for y in range(3)]
        pixels = []
        for y, x in ((0, 0), (0, 1), (1, 0), (1, 1)):
            parts = [weight[:, 8 * i + 4 * j + 2 * y + x, None] for i in (0, 1) for j in (0, 1)]
            nodes = [near[y + i][x + j] for i in (0, 1) for j in (0, 1)]
            pixels.append(sum(part * node for part, node in zip(parts, nodes)) / sum(parts))
        return interleave(torch.stack(pixels, 2).flatten(1, 2))


class MultiWindow(nn.Module):
    """Multi-window correlation, warped and corrected, with learned fusion and propagation: the flagship.

    Parameters
    ----------
    width : int
        Channels of the fusion networks.
    hidden : int
        Channels handed from stage to stage.
    margins : int
        Channels of the last propagation.
    soften, whiten : float
        Constant of the logarithm and strength of the whitening, see `correlate.Normalise`.
    """

    max_offset_px = 16.0
    # 99 % of the pixels of a tile then agree with the whole image within 0.01 px (`benchmarks.seams`)
    margin_px = 96
    tile_multiple = 16
    takes_context = True
    # of a context of `margin_px`, for the two corrections, the two passes and the last stage, px: what lies at the rim
    # of a stage hardly reaches further through those that follow; of a wider context as much more. Multiples of 16, on
    # which the widest windows are halved.
    kept_px = (80, 64, 48, 48, 16)

    def __init__(self, width: int = 48, hidden: int = 16, margins: int = 16, soften: float = 1.0, whiten: float = 0.1):
        super().__init__()
        self.normalise = Normalise(soften, whiten)
        self.oversample = Oversample()
        self.coarse = Coarse(32, hidden)
        self.search = Fine(3, width, hidden)
        self.refine = Fine(1, width, hidden)
        self.final = Final(1, width, hidden)
        self.spread = Propagate(4, 4, hidden, width)
        self.squeeze = nn.Conv2d(width, hidden, 1)
        self.sharpen = Sharpen(2, 4, hidden, margins)
        self.upsample = Upsample(margins)
        self.log_sigma = _quiet(nn.Conv2d(width, 1, 1))
        self.log_sigma_margin = _quiet(nn.Conv2d(margins, 1, 1))
        with torch.no_grad():
            self.log_sigma.bias.fill_(-1.5)
        self.vernier = Vernier(margins)
        self.confidence = Confidence(margins)

    def _correct(self, stage: Fine, images: tuple, offset: Tensor, hidden: Tensor, share: Tensor):
        """One pass of a correcting stage; what is behind it does not learn from what it makes of it."""
        first, second = images
        with torch.no_grad():
            offset, moved = stage.begin(second, offset.detach())
            surfaces, looks = stage.correlate(first, moved)
        return stage(surfaces, looks, offset, hidden, share)

    def _propagate(self, stage: Propagate, images: tuple, offset: Tensor, inputs: Tensor):
        """One pass of a propagating stage."""
        with torch.no_grad():
            tried = stage.hypotheses(*images, offset.detach())
        return stage(*tried, inputs)

    def measure(self, reference: Tensor, secondary: Tensor, context: Tensor | None = None) -> tuple[list[Tensor], Last]:
        """Offsets of every stage but the last at its nodes, and what the last leaves; see `stages`."""
        with torch.no_grad():  # nothing before the first network is learned
            texture_first, first, share = self.normalise(reference)
            texture_second, second, share_second = self.normalise(secondary)
            share = torch.minimum(share, share_second)
            # half-resolution pixels see what is wider than two pixels: there whitening would remove the signal
            surfaces = self.coarse.correlate(texture_first, texture_second)
            images = first, Sampler(self.oversample(second))
            like = 0.5 * (likeness(texture_first) + likeness(texture_second))
        coarse, hidden = self.coarse(surfaces, share)
        offset, hidden, share = enlarge(coarse, 2), enlarge(torch.tanh(hidden), 2), enlarge(share, 2)
        rim = Rim(context, self.margin_px)
        images, (offset, hidden, share) = rim.narrow(self.kept_px[0], images, (offset, hidden, share))
        offset, hidden, _ = self._correct(self.search, images, offset, hidden, share)
        answers = [coarse, offset]
        images, (offset, hidden, share) = rim.narrow(self.kept_px[1], images, (offset, hidden, share))
        offset, hidden, _ = self._correct(self.refine, images, offset, hidden, share)
        answers.append(offset)
        for kept in self.kept_px[2:4]:  # the passes share their weights
            images, (offset, hidden, share) = rim.narrow(kept, images, (offset, hidden, share))
            spread, _ = self._propagate(self.spread, images, offset, hidden)
            offset, hidden, body = self._correct(self.final, images, spread, hidden, share)
            answers += [spread, offset]
        images, (offset, body) = rim.narrow(self.kept_px[4], images, (offset, body))
        inputs = enlarge(self.squeeze(body), 2)
        own = enlarge(offset, 2)
        sharp, edge = self._propagate(self.sharpen, images, own, inputs)
        guess = enlarge(_apart(self.log_sigma(body)), 2) + _apart(self.log_sigma_margin(edge))
        return answers, Last(edge, sharp, own, guess, rim.narrowed(enlarge(like, 4), 2))

    def stages(
        self, reference: Tensor, secondary: Tensor, context: Tensor | None = None
    ) -> tuple[list[Tensor], Tensor, Tensor]:
        """Offsets of every stage at its nodes, then the full-resolution offset and log sigma.

        Parameters
        ----------
        reference, secondary : Tensor [N,1,H,W]
        context : Tensor of int64 [4], optional
            Left, top, right and bottom sides of the tile that need no answer, multiples of 16 px. The answers are
            without them, and every stage leaves out what it can: the later, the less of them it needs.
        """
        answers, last = self.measure(reference, secondary, context)
        last = last._replace(sharp=last.sharp + self.vernier(last))
        offset, log_sigma = self.upsample(last.sharp, last.edge), enlarge(self.confidence(last), 2)
        if context is not None:
            trim = Trim(kept_of(context, self.kept_px[4], self.margin_px))
            offset, log_sigma = trim(offset), trim(log_sigma)
        return [*answers, last.sharp], offset, log_sigma

    def forward(self, reference: Tensor, secondary: Tensor, context: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Offset [N, 2, H, W] and log sigma [N, 1, H, W], H and W without the context; see `stages`."""
        _, offset, log_sigma = self.stages(reference, secondary, context)
        return offset, log_sigma


def kept_of(context: Tensor, kept_px: int, margin_px: int) -> Tensor:
    """What is kept of a context: `kept_px` where it is `margin_px` wide, as much more where it is wider."""
    return torch.maximum(context.clamp(max=kept_px), context - (margin_px - kept_px))


class Rim:
    """The context of a tile as stage after stage needs less of it.

    Parameters
    ----------
    context : Tensor of int64 [4] or None
        See `MultiWindow.stages`; with None nothing is ever left out.
    margin_px : int
        The context for which `kept_px` of `narrow` is meant.
    """

    def __init__(self, context: Tensor | None, margin_px: int):
        self._context, self._left, self._margin_px = context, context, margin_px

    def narrow(self, kept_px: int, images: tuple[Tensor, Sampler], nodes: Sequence[Tensor]):
        """Leave `kept_of` the context: of the images, and of values at 4-px nodes."""
        if self._context is None:
            return images, nodes
        kept = kept_of(self._context, kept_px, self._margin_px)
        trim, self._left = Trim(self._left - kept), kept
        first, second = images
        return (trim(first), second.within(trim)), [trim(values, 4) for values in nodes]

    def narrowed(self, values: Tensor, node: int) -> Tensor:
        """Values of the whole tile, at nodes so many px apart, as narrow as all else is by now."""
        return values if self._context is None else Trim(self._context - self._left)(values, node)


ARCHITECTURES = {
    "multiwindow": MultiWindow,
    "unet": UNet,
    "unetpp": UNetPlusPlus,
}


def build(architecture: str, **options) -> nn.Module:
    """Network of a name, as the configuration files give it."""
    if architecture not in ARCHITECTURES:
        raise ValueError(f"There is no architecture '{architecture}'; there are {', '.join(ARCHITECTURES)}.")
    return ARCHITECTURES[architecture](**options)
