"""Refining a product: limits, masks and stable ground, without measuring again."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from osgeo import gdal

from deepot_qgis.engine.errors import CancelledError, InputError, OptionsError, OutputError
from deepot_qgis.engine.measure import MeasureOptions, measure
from deepot_qgis.engine.quality import QualityOptions, Reason
from deepot_qgis.engine.reference import ReferenceOptions
from deepot_qgis.engine.refine import Mask, RefineOptions, preview, refine
from tests.conftest import REPOSITORY
from tests.engine import scenes

SAMPLE = REPOSITORY / "resources" / "sample"
IMAGES = tuple(str(SAMPLE / f"sample_{day}.tif") for day in ("20240101", "20240113"))
#: Measured pixels of the sample, a quarter of it in each corner.
WEST = "POLYGON((580000 6259440, 581280 6259440, 581280 6262000, 580000 6262000, 580000 6259440))"
LEFT = np.arange(256)[None, :] < 128


@pytest.fixture(scope="module")
def product(tmp_path_factory) -> str:
    """The sample pair, measured by conventional offset tracking, with a velocity."""
    folder = tmp_path_factory.mktemp("measured")
    output, velocity = (str(folder / name) for name in ("pair.tif", "pair_velocity.tif"))
    measure(MeasureOptions(*IMAGES, output=output, velocity=velocity, velocity_unit="m/day", method="correlation"))
    return output


def refined(product: str, folder, **options) -> dict[str, np.ndarray]:
    """Bands of the product after a refinement."""
    output = str(folder / "refined.tif")
    refine(RefineOptions(product, output, **options))
    return scenes.read(output)


def same(a: dict[str, np.ndarray], b: dict[str, np.ndarray]) -> bool:
    return all(np.array_equal(a[name], b[name], equal_nan=True) for name in b)


def test_nothing_asked_is_nothing_changed(product, tmp_path):
    assert same(refined(product, tmp_path), scenes.read(product))
    velocity = scenes.read(str(tmp_path / "refined_velocity.tif"))
    assert same(velocity, scenes.read(product.replace(".tif", "_velocity.tif")))


def test_a_stricter_limit_masks_what_lies_beyond_and_says_why(product, tmp_path):
    before = scenes.read(product)
    after = refined(product, tmp_path, min_correlation=0.3, max_sigma=1.0, sigma_unit="m")
    low = (before["correlation"] < 0.3) & np.isin(before["mask"], (0, 3, 4, 7))
    assert low.any()
    assert (after["mask"][low] == Reason.LOW_CORRELATION).all()
    uncertain = (before["sigma"] > 1.0) & ~low & np.isin(before["mask"], (0, 4, 7))
    assert (after["mask"][uncertain] == Reason.UNCERTAIN).all()
    good = after["mask"] == 0
    assert 0.1 < good.mean() < (before["mask"] == 0).mean()
    assert np.array_equal(after["east"][good], before["east"][good])
    assert np.isnan(after["east"][~good]).all() and np.isfinite(after["correlation"]).all()


def test_loosened_limits_give_what_a_measurement_with_them_gives(product, tmp_path):
    measured = str(tmp_path / "loose.tif")
    quality = QualityOptions(min_correlation=0.04, max_sigma_px=1.5)
    measure(MeasureOptions(*IMAGES, output=measured, method="correlation", quality=quality))
    wanted, after = scenes.read(measured), refined(product, tmp_path, min_correlation=0.04, max_sigma=1.5)
    assert (after["mask"] == 0).sum() > 1.1 * (scenes.read(product)["mask"] == 0).sum()
    agree = after["mask"] == wanted["mask"]
    assert agree.mean() > 0.98  # the excuse of outliers goes by the measurement's own limit of correlation
    both = agree & (after["mask"] == 0)
    for name in ("east", "north", "magnitude", "direction", "sigma"):
        assert np.array_equal(after[name][both], wanted[name][both]), name


def test_without_the_offsets_nothing_comes_back_and_that_is_said(product, tmp_path):
    alone = tmp_path / "alone.tif"
    alone.write_bytes(Path(product).read_bytes())
    result = refine(RefineOptions(str(alone), str(tmp_path / "out.tif"), min_correlation=0.0))
    assert any("cannot come back" in line for line in result.messages)
    assert result.survivors.after[Reason.GOOD] == result.survivors.before[Reason.GOOD]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_loosening_a_limit_never_loses_a_pixel(product, data):
    correlations = sorted(data.draw(st.tuples(*2 * [st.floats(0, 1)])), reverse=True)
    sigmas = sorted(data.draw(st.tuples(*2 * [st.floats(0.01, 3)])))
    unit = data.draw(st.sampled_from(("px", "m")))
    strict, loose = (
        preview(RefineOptions(product, min_correlation=r, max_sigma=s, sigma_unit=unit)).after[Reason.GOOD]
        for r, s in zip(correlations, sigmas)
    )
    assert strict <= loose


@settings(max_examples=8, deadline=None)
@given(
    correlation=st.none() | st.floats(0, 0.6),
    sigma=st.none() | st.floats(0.05, 2),
    masked=st.booleans(),
    kind=st.sampled_from(("slowest", "area")),
    ramp=st.booleans(),
)
def test_the_preview_is_what_comes(product, tmp_path_factory, correlation, sigma, masked, kind, ramp):
    options = RefineOptions(
        product,
        str(tmp_path_factory.mktemp("agree") / "out.tif"),
        min_correlation=correlation,
        max_sigma=sigma,
        masks=(Mask(area="POLYGON((580500 6260000, 582000 6260500, 581000 6261800, 580500 6260000))"),) * masked,
        reference=ReferenceOptions(kind, WEST if kind == "area" else None, ramp),
    )
    try:
        before = preview(options)
    except InputError as error:  # hardly a pixel survived
        with pytest.raises(InputError, match="stable"):
            refine(options)
        assert "stable" in str(error)
        return
    assert before == refine(options).survivors


def test_a_drawn_polygon_masks_its_pixels_with_its_reason(product, tmp_path):
    before = scenes.read(product)
    after = refined(product, tmp_path, masks=(Mask(area=WEST),))
    assert (after["mask"][:, :128] == Reason.EXCLUDED).all()
    assert np.array_equal(after["mask"][:, 128:], before["mask"][:, 128:])
    after = refined(product, tmp_path, masks=(Mask(area=WEST, outside=True, reason=Reason.LAYOVER_SHADOW),))
    assert (after["mask"][:, 128:] == Reason.LAYOVER_SHADOW).all()
    assert np.array_equal(after["mask"][:, :128], before["mask"][:, :128])


def test_stable_ground_is_at_zero_afterwards(product, tmp_path):
    output = str(tmp_path / "out.tif")
    result = refine(RefineOptions(product, output, reference=ReferenceOptions("area", WEST)))
    before, after = scenes.read(product), scenes.read(output)
    still = LEFT & (before["mask"] == 0)
    stable = result.survivors.stable
    assert stable.pixels == still.sum() and stable.step == 1
    for name in ("east", "north"):
        median = np.median(before[name][still])
        assert getattr(stable.before, f"median_{name}") == pytest.approx(median)
        assert getattr(stable.after, f"median_{name}") == pytest.approx(0, abs=1e-6)
        nmad = 1.4826 * np.median(np.abs(before[name][still] - median))
        assert getattr(stable.before, f"nmad_{name}") == pytest.approx(nmad)
        assert np.median(after[name][still]) == pytest.approx(0, abs=1e-3)
        good = after["mask"] == 0
        assert np.allclose(after[name][good], before[name][good] - median, atol=1e-3)
    assert np.allclose(after["magnitude"][good], np.hypot(after["east"], after["north"])[good], atol=2e-3)
    turned = np.degrees(np.arctan2(after["east"], after["north"])) % 360
    assert np.median(np.abs((after["direction"] - turned + 180) % 360 - 180)[good]) < 0.1
    assert any("NMAD" in line for line in result.messages)


def test_a_ramp_is_taken_out(product, tmp_path):
    tilted = str(tmp_path / "tilted.tif")
    gdal.GetDriverByName("GTiff").CreateCopy(tilted, gdal.Open(product))
    dataset = gdal.Open(tilted, gdal.GA_Update)
    band = dataset.GetRasterBand(1)
    band.WriteArray(band.ReadAsArray() + (3 + 0.02 * np.arange(256)[:, None]).astype(np.float32))
    band, dataset = None, None
    whole = ReferenceOptions("slowest", ramp=True, share=0.5)
    straight = refined(product, tmp_path, reference=whole, velocity="")
    result = refine(RefineOptions(tilted, str(tmp_path / "out.tif"), reference=whole, velocity=""))
    after = scenes.read(str(tmp_path / "out.tif"))
    good = after["mask"] == 0
    assert np.median(np.abs(after["east"] - straight["east"])[good]) < 0.05
    assert result.survivors.stable.before.median_east > 3


@settings(max_examples=8, deadline=None)
@given(
    kind=st.sampled_from(("slowest", "area")),
    share=st.floats(0.1, 0.9),
    limit=st.none() | st.floats(0.05, 0.5),
    ramp=st.booleans(),
)
def test_reference_twice_is_reference_once(product, tmp_path_factory, kind, share, limit, ramp):
    folder = tmp_path_factory.mktemp("twice")
    once, twice = str(folder / "once.tif"), str(folder / "twice.tif")
    reference = ReferenceOptions(kind, WEST if kind == "area" else None, ramp, share)
    options = RefineOptions(product, once, min_correlation=limit, reference=reference)
    refine(options)
    refine(replace(options, product=once, output=twice))
    first, second = scenes.read(once), scenes.read(twice)
    assert np.array_equal(first["mask"], second["mask"])
    apart = 0.02 if ramp else 2e-3  # metres: the rounding of a file may choose a few other slowest pixels for a plane
    assert np.nanmax(np.abs(first["east"] - second["east"])) < apart
    assert np.nanmax(np.abs(first["north"] - second["north"])) < apart


def test_what_comes_back_later_is_referenced_like_the_rest(product, tmp_path):
    strict, loose = str(tmp_path / "strict.tif"), str(tmp_path / "loose.tif")
    reference = ReferenceOptions("area", WEST)
    refine(RefineOptions(product, strict, min_correlation=0.5, reference=reference))
    refine(RefineOptions(strict, loose, min_correlation=0.1))
    taken = json.loads(Path(strict).with_suffix(".json").read_text(encoding="utf-8"))["refinement"]["correction"]
    before, after = scenes.read(product), scenes.read(loose)
    both = (before["mask"] == 0) & (after["mask"] == 0)
    assert both.sum() > 0.99 * (before["mask"] == 0).sum()
    assert np.allclose(after["east"][both], before["east"][both] - taken["east"][0], atol=2e-3)


def test_too_little_stable_ground_is_a_sentence(product, tmp_path):
    tiny = "POLYGON((580005 6261995, 580025 6261995, 580025 6261975, 580005 6261975, 580005 6261995))"
    options = RefineOptions(product, str(tmp_path / "out.tif"), reference=ReferenceOptions("area", tiny))
    for run in (preview, refine):
        with pytest.raises(InputError, match="stable ground"):
            run(options)
    assert not os.listdir(tmp_path)


def test_cancelling_leaves_nothing(product, tmp_path):
    for passed in range(3):
        asked = iter([False] * passed)
        with pytest.raises(CancelledError):
            refine(RefineOptions(product, str(tmp_path / "out.tif")), cancelled=lambda asked=asked: next(asked, True))
        assert not os.listdir(tmp_path)


def test_the_product_itself_is_never_written_over(product):
    for output in (product, product.replace(".tif", "_offsets.tif")):
        with pytest.raises(OutputError, match="one of the inputs"):
            refine(RefineOptions(product, output))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"product": ""}, "No displacement product"),
        ({"max_sigma": 0.0}, "largest sigma"),
        ({"max_disagreement_px": -1.0}, "largest disagreement"),
        ({"min_correlation": 1.5}, "min_correlation"),
        ({"sigma_unit": "cm"}, "sigma_unit"),
        ({"velocity": "out.tif"}, "different file names"),
    ],
)
def test_options_that_cannot_be_are_refused(changed, said):
    with pytest.raises(OptionsError, match=said):
        RefineOptions(**{"product": "in.tif", "output": "out.tif", **changed})


@pytest.mark.parametrize("given", [{}, {"path": "a.gpkg", "area": WEST}, {"path": "a.gpkg", "reason": 3}])
def test_masks_that_cannot_be_are_refused(given):
    with pytest.raises(OptionsError):
        Mask(**given)


def test_what_is_no_product_is_refused(tmp_path):
    with pytest.raises(InputError, match="no displacement product"):
        preview(RefineOptions(IMAGES[0]))
