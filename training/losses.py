"""What training minimises: end-point error at every stage, and the likelihood of the error under its own sigma."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

STAGE_WEIGHTS = (0.3, 0.4, 0.5, 0.6)
FULL_WEIGHT = 1.0
LIKELIHOOD_WEIGHT = 0.1
INVALID_WEIGHT = 0.05  # where there is no image the answer should still continue its surroundings
MIN_BOOST, MAX_BOOST = 2.0, 8.0  # how much more what moves may count than what is still
SMALL_ERROR = 0.03  # px: below it errors count by their square, so that answers are means and not the likeliest
DRIFT_WEIGHT = 2.0
DRIFT_PX = 16  # side of the squares whose mean error counts besides
# of a Laplace distribution 68.27 % lie within 1.148 times its scale: what log_sigma promises
LOG_SIGMA_OF_SCALE = 0.138


def end_point_error(offset: Tensor, truth: Tensor) -> Tensor:
    """Length of the error per pixel, [N,1,H,W]; smooth below `SMALL_ERROR`."""
    return torch.sqrt(((offset - truth) ** 2).sum(1, keepdim=True) + SMALL_ERROR**2)


def robust(error: Tensor) -> Tensor:
    """Root of the error: ground that cannot be followed must not rule; what is nearly right is worth being righter."""
    return 2 * torch.sqrt(error + SMALL_ERROR)


def drift(offset: Tensor, truth: Tensor, weight: Tensor) -> Tensor:
    """Mean length of the error of squares, as a whole: what is common to many pixels is no noise.

    A loss of single pixels alone is content with an answer that stands still where the ground creeps by less than a
    pixel's noise; the mean over a body, its motion through a time series and every average are then too small.
    """
    share = F.avg_pool2d(weight, DRIFT_PX) + 1e-6
    mean = F.avg_pool2d((offset - truth) * weight, DRIFT_PX) / share
    length = torch.sqrt((mean**2).sum(1, keepdim=True) + SMALL_ERROR**2) - SMALL_ERROR
    return (robust(length) * share).sum() / share.sum()


def importance(truth: Tensor, reference: Tensor) -> Tensor:
    """Weight per pixel, [N,1,H,W]: little where there is no image, more where the motion differs from most.

    The smaller a body, the more each of its pixels counts, so that it is not cheaper to overlook it.
    """
    middle = truth.flatten(2).median(2).values[:, :, None, None]
    away = (truth - middle).norm(dim=1, keepdim=True)
    away = away / (away.amax((2, 3), keepdim=True) + 0.05)
    boost = (0.6 / (away.mean((2, 3), keepdim=True) + 1e-3)).clamp(MIN_BOOST, MAX_BOOST)
    return torch.where(reference > 0, 1 + boost * away, INVALID_WEIGHT)


def laplace_likelihood(offset: Tensor, log_sigma: Tensor, truth: Tensor) -> Tensor:
    """Negative log likelihood per pixel and component, [N,1,H,W]."""
    log_scale = log_sigma.clamp(-6.0, 3.5) - LOG_SIGMA_OF_SCALE
    return log_scale + torch.exp(-log_scale) * (offset - truth).abs().mean(1, keepdim=True)


def total_loss(answers: list[Tensor], offset: Tensor, log_sigma: Tensor, truth: Tensor, reference: Tensor):
    """Loss of a batch and its weighted mean end-point error at full resolution."""
    weight = importance(truth, reference)
    norm = weight.sum()
    loss = 0.0
    shares = [STAGE_WEIGHTS[0]] * (len(answers) - len(STAGE_WEIGHTS)) + list(STAGE_WEIGHTS[-len(answers) :])
    for answer, share in zip(answers, shares):
        block = truth.shape[-1] // answer.shape[-1]
        node_weight = F.avg_pool2d(weight, block)
        error = robust(end_point_error(answer, F.avg_pool2d(truth, block)))
        loss = loss + share * (error * node_weight).sum() / node_weight.sum()
    error = end_point_error(offset, truth)
    loss = loss + FULL_WEIGHT * (robust(error) * weight).sum() / norm
    loss = loss + DRIFT_WEIGHT * drift(offset, truth, weight)
    # sigma describes the answer; it does not pull it
    likelihood = laplace_likelihood(offset.detach(), log_sigma, truth)
    loss = loss + LIKELIHOOD_WEIGHT * (likelihood * weight).sum() / norm
    return loss, ((error.detach() * weight).sum() / norm)
