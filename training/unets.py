"""U-Net and U-Net++ on an image pair: the encoder-decoders that the flagship is compared with.

They are given what the flagship is given, two normalised images, and must find out by themselves that displacement
is what makes one like the other. U-Net: Ronneberger, Fischer and Brox (2015), arXiv:1505.04597; U-Net++: Zhou et al.
(2018), arXiv:1807.10165. Both work from half resolution down and answer there.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from training.correlate import Normalise, enlarge

LEVELS = 4  # grids of 2, 4, 8 and 16 px
START_LOG_SIGMA = -0.5


def _block(inputs: int, outputs: int, stride: int = 1) -> nn.Sequential:
    """Two 3 x 3 convolutions, each with its normalisation (folded into the convolution on export)."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
        nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(),
    )


class Up(nn.Module):
    """To the next finer grid; channels are mixed before, where there are four times fewer nodes."""

    def __init__(self, inputs: int, outputs: int):
        super().__init__()
        self.mix = nn.Conv2d(inputs, outputs, 1)

    def forward(self, values: Tensor) -> Tensor:
        """[N, inputs, h, w] to [N, outputs, 2h, 2w]."""
        return F.interpolate(self.mix(values), scale_factor=2.0, mode="nearest")


class Head(nn.Conv2d):
    """Offset and log sigma of every node; starts at no motion."""

    def __init__(self, inputs: int):
        super().__init__(inputs, 3, 1)
        with torch.no_grad():
            self.weight.mul_(0.1)
            self.bias.copy_(torch.tensor([0.0, 0.0, START_LOG_SIGMA]))


class PairNetwork(nn.Module):
    """What both networks share: normalised images in, nodes 2 px apart out, calibrated sigma.

    Parameters
    ----------
    widths : sequence of int
        Channels of the grids of 2, 4, 8 and 16 px.
    soften, whiten : float
        See `correlate.Normalise`.
    """

    max_offset_px = 16.0
    # no answer depends on a pixel further than 148 px away, 55 of them through the normalisation
    margin_px = 160
    tile_multiple = 16

    def __init__(self, widths: tuple[int, ...], soften: float = 1.0, whiten: float = 0.1):
        super().__init__()
        if len(widths) != LEVELS:
            raise ValueError(f"widths has {len(widths)} entries; one for each of the {LEVELS} grids is needed.")
        self.normalise = Normalise(soften, whiten)

    def heads(self, images: Tensor) -> list[Tensor]:
        """Offset and log sigma [N, 3, H/2, W/2], one per head, the best one last."""
        raise NotImplementedError

    def stages(self, reference: Tensor, secondary: Tensor) -> tuple[list[Tensor], Tensor, Tensor]:
        """Offsets of every head at its nodes, then the full-resolution offset and log sigma."""
        with torch.no_grad():  # nothing before the network is learned
            images = torch.cat([self.normalise(reference)[1], self.normalise(secondary)[1]], 1)
        heads = self.heads(images.contiguous(memory_format=torch.channels_last))
        full = enlarge(heads[-1], 2)
        return [head[:, :2] for head in heads], full[:, :2], full[:, 2:]

    def forward(self, reference: Tensor, secondary: Tensor) -> tuple[Tensor, Tensor]:
        """Offset [N, 2, H, W] and log sigma [N, 1, H, W]."""
        _, offset, log_sigma = self.stages(reference, secondary)
        return offset, log_sigma


class UNet(PairNetwork):
    """Encoder, decoder, and one skip connection per grid."""

    def __init__(self, widths: tuple[int, ...] = (24, 48, 96, 128), soften: float = 1.0, whiten: float = 0.1):
        super().__init__(widths, soften, whiten)
        self.encode = nn.ModuleList(
            [_block(2, widths[0], 2)] + [_block(coarser, width) for coarser, width in zip(widths, widths[1:])]
        )
        self.up = nn.ModuleList([Up(coarse, fine) for fine, coarse in zip(widths, widths[1:])])
        self.decode = nn.ModuleList([_block(2 * width, width) for width in widths[:-1]])
        self.head = Head(widths[0])

    def heads(self, images: Tensor) -> list[Tensor]:
        """See `PairNetwork.heads`: one head."""
        kept = [self.encode[0](images)]
        for encode in self.encode[1:]:
            kept.append(encode(F.max_pool2d(kept[-1], 2)))
        values = kept[-1]
        for level in range(LEVELS - 2, -1, -1):
            values = self.decode[level](torch.cat([kept[level], self.up[level](values)], 1))
        return [self.head(values)]


class UNetPlusPlus(PairNetwork):
    """Nested skip connections: between encoder and decoder every grid has a row of nodes, each reading all before it.

    Parameters
    ----------
    widths, soften, whiten
        See `PairNetwork`.
    deep_supervision : bool
        A head on every node of the finest row, each of them trained; the last one's offset is the answer, and sigma
        is what they say on the mean. Else only the last node has a head. (The mean of the offsets, the paper's accurate
        mode, is dragged down by the first head: 0.60 px on held-out pairs against 0.58 px.)
    """

    def __init__(
        self,
        widths: tuple[int, ...] = (16, 40, 80, 128),
        soften: float = 1.0,
        whiten: float = 0.1,
        deep_supervision: bool = True,
    ):
        super().__init__(widths, soften, whiten)
        self.encode = nn.ModuleList(
            [_block(2, widths[0], 2)] + [_block(coarser, width) for coarser, width in zip(widths, widths[1:])]
        )
        # node (level, column) of the paper; column 0 is the encoder
        self.up, self.nodes = nn.ModuleDict(), nn.ModuleDict()
        for column in range(1, LEVELS):
            for level in range(LEVELS - column):
                self.up[f"{level}_{column}"] = Up(widths[level + 1], widths[level])
                self.nodes[f"{level}_{column}"] = _block((column + 1) * widths[level], widths[level])
        first = 1 if deep_supervision else LEVELS - 1
        self.answers = nn.ModuleDict({f"0_{column}": Head(widths[0]) for column in range(first, LEVELS)})

    def heads(self, images: Tensor) -> list[Tensor]:
        """See `PairNetwork.heads`: the heads of the finest row."""
        rows = [[self.encode[0](images)]]
        for encode in self.encode[1:]:
            rows.append([encode(F.max_pool2d(rows[-1][0], 2))])
        for column in range(1, LEVELS):
            for level in range(LEVELS - column):
                name = f"{level}_{column}"
                risen = self.up[name](rows[level + 1][column - 1])
                rows[level].append(self.nodes[name](torch.cat([*rows[level], risen], 1)))
        found = [head(rows[0][int(name[2:])]) for name, head in self.answers.items()]
        log_sigma = torch.stack([head[:, 2:] for head in found]).mean(0)
        return [*found[:-1], torch.cat([found[-1][:, :2], log_sigma], 1)]
