import numpy as np
import pytest

from deepot_qgis.engine.errors import GridMismatchError, InputError
from deepot_qgis.engine.pair import PairOptions, check, open_pair

from . import scenes


def test_a_good_pair_is_described(tmp_path):
    report = check(PairOptions(*scenes.pair(tmp_path, 0, 0)))
    assert report.days == 12 and report.unit == "m"
    assert (report.reference_date, report.secondary_date) == ("2023-09-04", "2023-09-16")
    assert "12 days" in " ".join(report.messages) and "read as amplitude" in report.messages[0]


def test_given_dates_win_over_names(tmp_path):
    report = check(PairOptions(*scenes.pair(tmp_path, 0, 0), reference_date="2023-09-06"))
    assert report.days == 10


def mismatch(tmp_path, **changes):
    values = scenes.texture(100, 120)
    reference = scenes.write(tmp_path / "r.tif", values)
    secondary = scenes.write(tmp_path / "s.tif", changes.pop("values", values), **changes)
    with pytest.raises(GridMismatchError) as caught:
        open_pair(PairOptions(reference, secondary))
    assert "Align" in str(caught.value) or "Georeference" in str(caught.value)
    return str(caught.value)


def test_every_difference_of_grids_is_refused_with_its_amount(tmp_path):
    g = scenes.NORTH_UP
    assert "120 x 90 pixels instead of 120 x 100" in mismatch(tmp_path, values=scenes.texture(90, 120))
    assert "EPSG:26913 instead of EPSG:32613" in mismatch(tmp_path, epsg=26913)
    assert "0.40 px away" in mismatch(tmp_path, geotransform=(g[0] + 4, *g[1:]))
    assert "10.1 x 10" in mismatch(tmp_path, geotransform=(g[0], 10.1, *g[2:]))
    assert "no georeference" in mismatch(tmp_path, geotransform=None, epsg=None)


def test_a_hair_of_difference_is_one_grid(tmp_path):
    g = scenes.NORTH_UP
    values = scenes.texture(100, 120)
    open_pair(
        PairOptions(
            scenes.write(tmp_path / "r.tif", values),
            scenes.write(tmp_path / "s.tif", values, geotransform=(g[0] + 1e-3, *g[1:])),
        )
    )


def test_bad_pairs_are_refused(tmp_path):
    first, second = scenes.pair(tmp_path, 0, 0)
    with pytest.raises(InputError, match="same image"):
        open_pair(PairOptions(first, first))
    with pytest.raises(InputError, match="swap the two rasters"):
        open_pair(PairOptions(second, first))
    empty = scenes.write(tmp_path / "empty.tif", np.zeros((200, 220), np.float32))
    with pytest.raises(InputError, match="empty.tif holds no data"):
        open_pair(PairOptions(first, empty))
    halves = [scenes.texture(200, 220) for _ in range(2)]
    halves[0][:, :110], halves[1][:, 110:] = 0, 0
    paths = [scenes.write(tmp_path / f"half{k}.tif", half) for k, half in enumerate(halves)]
    with pytest.raises(InputError, match="no pixel with data in common"):
        open_pair(PairOptions(*paths))
    dots = [scenes.write(tmp_path / f"dot{k}.tif", np.ones((1, 1), np.float32)) for k in range(2)]
    with pytest.raises(InputError, match="1 x 1 pixels"):
        open_pair(PairOptions(*dots))
    with pytest.raises(InputError, match="does not touch"):
        open_pair(PairOptions(first, second, area="POLYGON ((0 0, 1 0, 1 1, 0 0))"))
    with pytest.raises(InputError, match="not a polygon"):
        open_pair(PairOptions(first, second, area="POINT (1 2)"))
    with pytest.raises(InputError, match="not a polygon"):
        open_pair(PairOptions(first, second, area="nonsense"))


def test_an_area_becomes_a_window_and_a_mask(tmp_path):
    first, second = scenes.pair(tmp_path, 0, 0)
    x, y = 500000 + 10 * 50, 4200000 - 10 * 40
    pair = open_pair(PairOptions(first, second, area=f"POLYGON (({x} {y}, {x + 300} {y}, {x} {y - 300}, {x} {y}))"))
    assert pair.window == (50, 40, 30, 30)
    outside = pair.outside_area(*pair.window)
    assert not outside[1, 1] and outside[28, 28]
    assert abs(outside.mean() - 0.5) < 0.05


def test_stretched_projections_are_told(tmp_path):
    mercator = (-900000.0, 10.0, 0.0, 5800000.0, 0.0, -10.0)
    report = check(PairOptions(*scenes.pair(tmp_path, 0, 0, geotransform=mercator, epsg=3857)))
    assert any("does not keep lengths" in message for message in report.messages)


def test_kinds_may_differ_and_it_is_said(tmp_path):
    values = scenes.texture(100, 120)
    first = scenes.write(tmp_path / "r.tif", values)
    second = scenes.write(tmp_path / "s_db.tif", 20 * np.log10(values))
    pair = open_pair(PairOptions(first, second))
    assert any("different kinds" in message for message in pair.messages)
    assert np.allclose(pair.secondary.read(0, 0, 120, 100), values, rtol=1e-4)


def test_images_of_different_places_are_not_offered_an_aligned_copy(tmp_path):
    values = scenes.texture(100, 120)
    reference = scenes.write(tmp_path / "r.tif", values)
    far = scenes.write(tmp_path / "far.tif", values, geotransform=(10.0, 1e-4, 0, 60.0, 0, -1e-4), epsg=4326)
    beside = scenes.write(tmp_path / "beside.tif", values, geotransform=(501200.0, 10, 0, 4200000.0, 0, -10))
    for other in (far, beside):
        with pytest.raises(InputError, match="do not overlap") as caught:
            open_pair(PairOptions(reference, other))
        assert not isinstance(caught.value, GridMismatchError)
    inside = scenes.write(tmp_path / "inside.tif", values, geotransform=(499000.0, 100, 0, 4201000.0, 0, -100))
    with pytest.raises(GridMismatchError):
        open_pair(PairOptions(reference, inside))
