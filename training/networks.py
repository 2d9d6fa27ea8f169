"""Architectures. Each maps (reference, secondary) to (offset, log_sigma) under the ONNX contract of the product."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.correlate import Normalise, SoftPeak, box, enlarge, parabola_peak, shifted_products, softmax, unbend, warp
from training.unets import UNet, UNetPlusPlus

# (halvings of the node grid, width in nodes there): wide windows move slowly over the image, so that their surfaces
# are made and read on coarser nodes
COARSE_WINDOWS = ((0, 3), (0, 5), (1, 5), (1, 9))  # of 8-px nodes: 24, 40, 80 and 144 px
COARSE_SHARPNESS = (30.0, 80.0, 200.0, 400.0)
FINE_WINDOWS = ((0, 3), (0, 5), (1, 5), (1, 9), (2, 9))  # of 4-px nodes: 12, 20, 40, 72 and 144 px
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


def _quiet(layer: nn.Conv2d, scale: float = 0.01) -> nn.Conv2d:
    """A head that starts near zero, so that step 0 answers what correlation answers."""
    with torch.no_grad():
        layer.weight.mul_(scale)
        layer.bias.zero_()
    return layer


class Coarse(nn.Module):
    """Search over +-16 px on half-resolution images at 8-px nodes; which window to believe is learned."""

    radius = 8

    def __init__(self, width: int, hidden: int):
        super().__init__()
        self.peaks = nn.ModuleList([SoftPeak(self.radius, sharp) for sharp in COARSE_SHARPNESS])
        count = len(COARSE_WINDOWS)
        self.body = nn.Sequential(
            _conv(4 * count + 1, width, 1), _conv(width, width), _conv(width, width, dilation=2), _conv(width, width)
        )
        self.choose = _quiet(nn.Conv2d(width, count, 1))
        self.residual = _quiet(nn.Conv2d(width, 2, 1))
        self.hidden = nn.Conv2d(width, hidden, 1)
        with torch.no_grad():
            self.choose.bias.copy_(torch.tensor([0.0, 1.0, 2.0, 0.0]))

    def correlate(self, first: Tensor, second: Tensor) -> list[Tensor]:
        """Normalised correlation per window, 289 channels each. Nothing here is learned."""
        first, second = F.avg_pool2d(first, 2), F.avg_pool2d(second, 2)
        products = shifted_products(first, second, self.radius, 4)
        energy = box(F.avg_pool2d(first * first, 4), 5) * box(F.avg_pool2d(second * second, 4), 5)
        products = products * torch.rsqrt(energy + 1e-4)
        return _windowed(products, COARSE_WINDOWS)

    def forward(self, surfaces: list[Tensor], share: Tensor) -> tuple[Tensor, Tensor]:
        """Offset in pixels at 8-px nodes, and the hidden state."""
        peaks = _full([peak(surface) for peak, surface in zip(self.peaks, surfaces)], COARSE_WINDOWS)
        offsets = torch.stack([2 * peak[:, :2] for peak in peaks], 1)  # half-resolution pixels to pixels
        features = torch.cat([torch.cat([peak[:, :2] / 4, peak[:, 2:] * 2], 1) for peak in peaks] + [share], 1)
        body = self.body(features)
        weight = softmax(self.choose(body))[:, :, None]
        return (offsets * weight).sum(1) + 2 * self.residual(body), self.hidden(body)


class Fine(nn.Module):
    """Correction at 4-px nodes from the secondary warped by the present estimate, at full resolution."""

    def __init__(self, radius: int, width: int, hidden: int):
        super().__init__()
        self.radius = radius
        windows = len(FINE_WINDOWS)
        self.candidates = 2 * windows
        peaks = [SoftPeak(radius, sharp) for sharp in FINE_SHARPNESS] if radius > 1 else []
        self.peaks = nn.ModuleList(peaks)
        self.look = nn.Conv2d(48, 24, 1)
        inputs = 4 * windows + 2 * self.candidates + 24 + hidden + 4 + 1 + 2 * self.candidates
        self.enter = _conv(inputs, width, 1)
        self.near = _conv(width, width)
        self.down = _conv(width, width + 16, 3, 2)
        self.far = nn.Sequential(_conv(width + 16, width + 16, dilation=2), _conv(width + 16, width + 16, dilation=2))
        self.merge = _conv(2 * width + 16, width)
        self.choose = _quiet(nn.Conv2d(width, self.candidates, 1))
        self.residual = _quiet(nn.Conv2d(width, 2, 1))
        self.log_gain = _quiet(nn.Conv2d(width, windows, 1)) if radius == 1 else None
        self.hidden = nn.Conv2d(width, hidden, 1)
        with torch.no_grad():
            # believe the 36-px window first, and the plain window more than the one that keeps the present detail
            self.choose.bias.copy_(torch.tensor([0.0, 0.5, 1.5, 1.0, 0.0] + [0.5, 0.5, 0.5, 0.0, -1.0]))

    def correlate(self, first: Tensor, second: Tensor, offset: Tensor) -> tuple[list[Tensor], Tensor]:
        """Correlation per window after warping by `offset` (4-px nodes), and what the warped pair looks like."""
        moved = warp(second, enlarge(offset, 4))
        products = shifted_products(first, moved, self.radius, 4)
        energies = [F.avg_pool2d(image * image, 4) for image in (first, moved)]
        surfaces = []
        for means in _windowed(torch.cat([products] + energies, 1), FINE_WINDOWS):
            surfaces.append(means[:, :-2] * torch.rsqrt(means[:, -2:-1] * means[:, -1:] + 1e-4))
        looks = [F.pixel_unshuffle(image, 4) for image in (first, moved, first * moved)]
        return surfaces, torch.cat(looks, 1)

    def forward(self, surfaces: list[Tensor], looks: Tensor, offset: Tensor, hidden: Tensor, share: Tensor):
        """Corrected offset, hidden state, and the features the heads read."""
        if self.radius > 1:
            peaks = [peak(surface) for peak, surface in zip(self.peaks, surfaces)]
        else:
            peaks = [parabola_peak(surface) for surface in surfaces]
        peaks = _full(peaks, FINE_WINDOWS)
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
        features = torch.cat(features + [self.look(looks), hidden, turn, share] + small, 1)
        near = self.near(self.enter(features))
        far = enlarge(self.far(self.down(near)), 2)
        body = self.merge(torch.cat([near, far], 1))
        if self.log_gain is not None:
            gains = PEAK_GAIN * torch.exp(self.log_gain(body).clamp(-1.5, 1.0))
            steps = [unbend(vertex, gains[:, i : i + 1]) for i, vertex in enumerate(vertices)]
            corrections = [step + mean - offset for step, mean in zip(steps, smooth)] + steps
        weight = softmax(self.choose(body))[:, :, None]
        correction = (torch.stack(corrections, 1) * weight).sum(1) + self.residual(body)
        return offset + correction, torch.tanh(self.hidden(body)), body


class Upsample(nn.Module):
    """4-px nodes to pixels: each pixel a learned convex mean of its 3 x 3 nodes, bilinear at first."""

    def __init__(self, width: int):
        super().__init__()
        self.mask = nn.Sequential(_conv(width, 64), _quiet(nn.Conv2d(64, 144, 1), 0.1))
        with torch.no_grad():
            self.mask[1].bias.copy_(torch.log(_bilinear_weights() + 1e-3).flatten())

    def forward(self, values: Tensor, body: Tensor) -> Tensor:
        """[N, 2, h, w] to [N, 2, 4h, 4w], guided by the features of the last stage."""
        height, width = values.shape[-2:]
        weight = softmax(self.mask(body).reshape(-1, 9, 16, height, width))
        padded = F.pad(values, (1, 1, 1, 1), mode="replicate")
        near = [padded[:, :, dy : dy + height, dx : dx + width] for dy in range(3) for dx in range(3)]
        fine = [
            sum(weight[:, i] * near[i][:, band : band + 1] for i in range(9)) for band in range(2)
        ]  # each [N, 16, h, w]
        return F.pixel_shuffle(torch.cat(fine, 1), 4)


def _bilinear_weights() -> Tensor:
    """[9, 16]: weight of each of the 3 x 3 nodes for each of the 4 x 4 pixels of the middle one."""
    position = (torch.arange(4) + 0.5) / 4 - 0.5
    axis = torch.stack([(-position).clamp(min=0), 1 - position.abs(), position.clamp(min=0)])
    return (axis[:, None, :, None] * axis[None, :, None, :]).reshape(9, 16)


class MultiWindow(nn.Module):
    """Multi-window correlation, warped and corrected, with learned fusion: the flagship.

    Parameters
    ----------
    width : int
        Channels of the fusion networks.
    hidden : int
        Channels handed from stage to stage.
    searches, corrections : int
        Passes of the second and of the last stage; the passes of a stage share their weights.
    soften, whiten : float
        Constant of the logarithm and strength of the whitening, see `correlate.Normalise`.
    """

    max_offset_px = 16.0
    # 99 % of the pixels of a tile of half-coherent speckle then agree with the whole image within 0.01 px
    margin_px = 160
    tile_multiple = 16

    def __init__(
        self,
        width: int = 48,
        hidden: int = 16,
        searches: int = 1,
        corrections: int = 2,
        soften: float = 1.0,
        whiten: float = 0.1,
    ):
        super().__init__()
        self.searches, self.corrections = searches, corrections
        self.normalise = Normalise(soften, whiten)
        self.coarse = Coarse(32, hidden)
        self.search = Fine(3, width, hidden)
        self.refine = Fine(1, width, hidden)
        self.upsample = Upsample(width)
        self.log_sigma = _quiet(nn.Conv2d(width, 1, 1))
        with torch.no_grad():
            self.log_sigma.bias.fill_(-1.5)
        # set after training from held-out pairs: calibrated = gain * raw + shift
        self.register_buffer("sigma_gain", torch.tensor(1.0))
        self.register_buffer("sigma_shift", torch.tensor(0.0))

    def stages(self, reference: Tensor, secondary: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """Offsets of every stage at its nodes, then the full-resolution offset and log sigma."""
        with torch.no_grad():  # nothing before the first network is learned
            texture_first, first, share = self.normalise(reference)
            texture_second, second, share_second = self.normalise(secondary)
            share = torch.minimum(share, share_second)
            # half-resolution pixels see what is wider than two pixels: there whitening would remove the signal
            surfaces = self.coarse.correlate(texture_first, texture_second)
        offset, hidden = self.coarse(surfaces, share)
        answers = [offset]
        offset, hidden, share = enlarge(offset, 2), enlarge(torch.tanh(hidden), 2), enlarge(share, 2)
        for stage in [self.search] * self.searches + [self.refine] * self.corrections:
            offset = offset.detach()
            with torch.no_grad():
                surfaces, looks = stage.correlate(first, second, offset)
            offset, hidden, body = stage(surfaces, looks, offset, hidden, share)
            answers.append(offset)
        log_sigma = enlarge(self.log_sigma(body), 4)
        return answers, self.upsample(offset, body), log_sigma

    def forward(self, reference: Tensor, secondary: Tensor) -> tuple[Tensor, Tensor]:
        """Offset [N, 2, H, W] and calibrated log sigma [N, 1, H, W]."""
        _, offset, log_sigma = self.stages(reference, secondary)
        return offset, self.sigma_gain * log_sigma + self.sigma_shift


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
