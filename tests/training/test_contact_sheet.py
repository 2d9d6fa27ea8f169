"""The sheet of training pairs shows every kind and says what it shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch", reason="PyTorch is not installed (make train-setup)")

from deepot_qgis.engine import synthetic
from training import contact_sheet, pack, recipes


@pytest.fixture(scope="module")
def candidates():
    shape = (pack.TILE, pack.TILE)
    tiles = pack.quantise([np.exp(synthetic.fractal(shape, 0.5, 2.5, np.random.default_rng(0))[0])])
    ground = pack.Pack(
        tiles, np.array([True]), tiles, tiles, tiles, np.zeros((1, 2)), np.ones((1, *shape, 2), np.int8), tiles
    )
    return recipes.draw_batch(ground, 64, 1, 0, 150)


def test_a_dozen_shows_every_kind(candidates):
    chosen = contact_sheet.choose(candidates, 12)
    assert len(chosen) == 12 and {recipe.kind for recipe in chosen} == set(recipes.KINDS)
    assert len({recipe.family for recipe in chosen}) >= 9
    assert len({word for recipe in chosen for word in contact_sheet.nuisances(recipe)}) >= 7


def test_captions_name_what_was_done(candidates):
    plain = recipes.Finish(0.0, 1.0, "", (0, 1), (1, 1), None)
    recipe = replace(
        candidates[0], kind="simulated", family="lobe", offset=np.full((2, 8, 8), 3.0), coherence=0.7, looks=4.0,
        contrast=1.0, patch=recipes.Patch(0.2, 3, 0.0, "water", 1.0), scatterers=0.0, blinking=0.0, finish=plain,
    )  # fmt: skip
    assert contact_sheet.caption(recipe) == "lobe, up to 4.2 px\ncoherence 0.70, 4 looks, water"
    other = replace(recipe, kind="picture", finish=replace(plain, change=0.1, encoding="decibel"))
    assert contact_sheet.caption(other).endswith("picture, radiometric change, 8-bit dB")


def test_the_sheet_is_a_small_picture(candidates, tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed")
    chosen = contact_sheet.choose(candidates, 3)
    images = np.random.default_rng(0).random((3, 2, 64, 64))
    images[0, :, :20] = 0
    contact_sheet.draw(chosen, images, tmp_path / "sheet.png")
    assert 5_000 < (tmp_path / "sheet.png").stat().st_size < 300_000
