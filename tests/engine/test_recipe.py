"""Recipes: options of a pair as JSON, for the panel and the command line."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import fields, replace
from pathlib import Path

import pytest
from osgeo import gdal

from deepot_qgis.engine import recipe as recipes
from deepot_qgis.engine.cli import main
from deepot_qgis.engine.correlation import CorrelationOptions
from deepot_qgis.engine.errors import DeepotError, OptionsError
from deepot_qgis.engine.quality import QualityOptions
from deepot_qgis.engine.recipe import Images, Recipe

from . import scenes

CONVENTIONAL = Recipe(
    method="correlation",
    correlation=CorrelationOptions(windows_px=(16, 32), search_px=6),
    quality=QualityOptions(min_correlation=0.2),
    velocity=True,
    velocity_unit="mm/day",
    tile_px=128,
)


@pytest.fixture
def moving(tmp_path) -> tuple[str, str]:
    return scenes.pair(tmp_path, 2.0, 1.0, (96, 110))


def test_a_recipe_comes_back_as_it_was(tmp_path, moving):
    path = str(tmp_path / "recipe.json")
    for recipe in (Recipe(), CONVENTIONAL, replace(CONVENTIONAL, images=Images(*moving, reference_date="2023-09-05"))):
        recipes.write(path, recipe)
        assert recipes.read(path) == recipe


def test_a_recipe_can_be_read_and_moved_with_its_images(tmp_path, moving):
    folder = os.path.dirname(moving[0])
    path = os.path.join(folder, "recipe.json")
    recipes.write(path, replace(CONVENTIONAL, images=Images(*moving)))
    record = json.loads(Path(path).read_text(encoding="utf-8"))
    assert record["deepot_recipe"] == 1 and record["correlation"]["windows_px"] == [16, 32]
    assert record["images"]["reference"] == os.path.basename(moving[0])
    other = shutil.copytree(folder, tmp_path.parent / f"{tmp_path.name}_moved")
    assert recipes.read(str(other / "recipe.json")).images.reference == str(other / os.path.basename(moving[0]))


def test_what_is_left_out_has_its_default(tmp_path):
    path = tmp_path / "short.json"
    path.write_text('{"deepot_recipe": 1, "method": "correlation", "correlation": {"search_px": 12}}')
    recipe = recipes.read(str(path))
    assert recipe.correlation.search_px == 12 and recipe.correlation.windows_px == CorrelationOptions().windows_px
    assert recipe.quality == QualityOptions() and recipe.images is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not json", "no recipe"),
        ("[1, 2]", "no recipe"),
        ('{"options": {}}', "no recipe"),
        ('{"deepot_recipe": 2}', "a later DeepOT"),
        ('{"deepot_recipe": 1, "metod": "model"}', "'metod'"),
        ('{"deepot_recipe": 1, "method": "magic"}', "method is 'magic'"),
        ('{"deepot_recipe": 1, "tile_px": "wide"}', "'tile_px' is 'wide'"),
        ('{"deepot_recipe": 1, "correlation": {"windows": [3]}}', "no 'windows'"),
        ('{"deepot_recipe": 1, "correlation": [1]}', "'correlation' is"),
        ('{"deepot_recipe": 1, "quality": {"min_correlation": 7}}', "between 0 and 1"),
        ('{"deepot_recipe": 1, "images": {"reference": "a.tif"}}', "secondary"),
    ],
)
def test_what_is_no_recipe_is_refused_by_name(tmp_path, text, words):
    path = tmp_path / "odd.json"
    path.write_text(text)
    with pytest.raises(DeepotError, match="odd.json") as caught:
        recipes.read(str(path))
    assert words in str(caught.value)
    with pytest.raises(DeepotError, match=r"none\.json cannot be read"):
        recipes.read(str(tmp_path / "none.json"))


def test_options_of_a_recipe_are_those_of_a_run(moving):
    options = CONVENTIONAL.options("/somewhere/out.tif", Images(*moving, secondary_date="2023-10-01"))
    assert options.velocity == "/somewhere/out_velocity.tif" and options.velocity_unit == "mm/day"
    assert options.offsets is None and options.correlation.search_px == 6 and options.secondary_date == "2023-10-01"
    with pytest.raises(OptionsError, match="names no images"):
        Recipe().options("out.tif")


def test_the_command_line_runs_a_recipe(tmp_path, moving, capsys):
    path = str(tmp_path / "recipe.json")
    recipes.write(path, replace(CONVENTIONAL, images=Images(*moving)))
    out = tmp_path / "out.tif"
    assert main(["pair", str(out), "--recipe", path, "--velocity-unit", "m/yr"]) == 0
    record = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))["options"]
    assert record["method"] == "correlation" and record["correlation"]["search_px"] == 6
    assert record["quality"]["min_correlation"] == 0.2 and record["velocity_unit"] == "m/yr"
    assert (tmp_path / "out_velocity.tif").exists() and "conventional" in capsys.readouterr().out
    again = tmp_path / "again.tif"
    assert main(["pair", *moving, str(again), "--recipe", path]) == 0
    assert (gdal.Open(str(again)).ReadAsArray()[6] == gdal.Open(str(out)).ReadAsArray()[6]).all()


def test_the_command_line_says_what_is_missing(tmp_path, moving, capsys):
    path = str(tmp_path / "recipe.json")
    recipes.write(path, CONVENTIONAL)
    for arguments in ([str(tmp_path / "o.tif"), "--recipe", path], [*moving]):
        with pytest.raises(SystemExit, match="2"):
            main(["pair", *arguments])
        assert "Give REF SEC OUT.tif" in capsys.readouterr().err
    assert main(["pair", "o.tif", "--recipe", str(tmp_path / "none.json")]) == 1
    assert "none.json cannot be read" in capsys.readouterr().err


def test_the_manual_names_every_option(tmp_path):
    page = (Path(__file__).resolve().parents[2] / "docs" / "pair.md").read_text(encoding="utf-8")
    part = page[page.index("## Settings and recipes") : page.index("## Single steps")]
    names = [item.name for kind in (Recipe, Images, CorrelationOptions, QualityOptions) for item in fields(kind)]
    assert [name for name in names if f"`{name}`" not in part] == []
    example = tmp_path / "example.json"
    example.write_text(next(line for line in part.splitlines() if line.strip().startswith("{")), encoding="utf-8")
    assert recipes.read(str(example)).correlation.search_px == 12
