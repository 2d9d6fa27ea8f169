"""Large pairs measured in parts: the same files, to the last bit, as by one process alone."""

import pytest

from deepot_qgis.engine import inference
from deepot_qgis.engine.batch.run import batch
from deepot_qgis.engine.errors import CancelledError, OptionsError, OutputError
from deepot_qgis.engine.jobs.job import InProcess
from deepot_qgis.engine.jobs.pool import LocalPool
from deepot_qgis.engine.jobs.split import Split
from deepot_qgis.engine.output import BLOCK
from deepot_qgis.engine.processes import exclusive
from deepot_qgis.engine.resume import Part, Work, folder_of

from . import batches, networks, scenes

HEIGHT, WIDTH = 2 * BLOCK + 200, 80
AREA = "POLYGON((500100 4199700, 500700 4199700, 500700 4189000, 500100 4188500, 500100 4199700))"


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tall")
    ground = scenes.texture(HEIGHT, WIDTH)
    scenes.write(folder / f"scene_{batches.DAYS[0]}.tif", ground)
    scenes.write(folder / f"scene_{batches.DAYS[1]}.tif", scenes.moved(ground, 0.7, -0.4))
    return batches.listed(folder, days=batches.DAYS[:2])


@pytest.mark.parametrize("area", [None, AREA])
def test_parts_make_the_same_files_as_the_whole(source, tmp_path, area):
    chosen = {"tile_px": 192, "area": area}
    assert batch(batches.options(source, tmp_path / "whole", **chosen)).counts["done"] == 1
    shares = []
    result = batch(
        batches.options(source, tmp_path / "parts", **chosen), lambda share, _: shares.append(share),
        runner=Split(LocalPool(2, cores=1), BLOCK),
    )  # fmt: skip
    assert result.counts["done"] == 1, result.lines
    batches.require_same(tmp_path / "whole", tmp_path / "parts")
    assert shares == sorted(shares) and max(shares) == 1.0
    assert not list((tmp_path / "parts").glob(".*")), "the folder of the parts stays"
    again = batch(batches.options(source, tmp_path / "parts", **chosen), runner=Split(InProcess(), BLOCK))
    assert again.counts["taken"] == 1


def test_parts_of_a_network_too(source, tmp_path, monkeypatch):
    """And the last job measures nothing: it takes all rows."""
    pytest.importorskip("onnxruntime")
    model = networks.write(tmp_path / "constant.onnx")
    firsts, offsets = [], inference.offsets

    def seen(*arguments, **keywords):
        firsts.append(arguments[5])
        return offsets(*arguments, **keywords)

    monkeypatch.setattr(inference, "offsets", seen)
    for name, runner in (("whole", InProcess()), ("parts", Split(InProcess(), BLOCK))):
        result = batch(batches.options(source, tmp_path / name, method="model", model=model), runner=runner)
        assert result.counts["done"] == 1, result.lines
    assert firsts == [0, 0, BLOCK, 2 * BLOCK]
    batches.require_same(tmp_path / "whole", tmp_path / "parts")


def test_small_pairs_stay_whole_and_what_fails_fails_once(source, tmp_path):
    images = batches.images(tmp_path / "images", batches.DAYS[:2], 64)
    runner = Split(InProcess(), BLOCK)
    assert batch(batches.options(batches.listed(images, days=batches.DAYS[:2]), tmp_path / "a"), runner=runner).counts[
        "done"
    ]
    small = scenes.write(images / "scene_20200125.tif", scenes.texture(64, 64))
    path = images / "pairs.csv"
    tall = source.replace("pairs.csv", f"scene_{batches.DAYS[0]}.tif")
    path.write_text(f"reference,secondary,output\n{tall},{small},x.tif\n{small},{tall},y.tif\n")
    result = batch(batches.options(path, tmp_path / "b"), runner=runner)
    assert [line.state for line in result.lines] == ["failed", "failed"]
    assert "is not on the grid" in result.lines[0].reason
    with pytest.raises(OptionsError, match="'part_rows' is 3"):
        Split(InProcess(), 3)


def test_rows_of_a_cancelled_run_are_taken(source, tmp_path, monkeypatch):
    stop = []
    with pytest.raises(CancelledError):
        batch(
            batches.options(source, tmp_path / "out"), lambda share, _: share > 0.5 and stop.append(share),
            lambda: bool(stop), Split(InProcess(), BLOCK),
        )  # fmt: skip
    kept = sorted(path.name for path in (tmp_path / "out").rglob("rows_*.npy"))
    assert kept and kept[0] == f"rows_{0:09d}_{BLOCK}.npy"
    firsts, offsets = [], inference.offsets

    def seen(*arguments, **keywords):
        firsts.append(arguments[5])
        return offsets(*arguments, **keywords)

    monkeypatch.setattr(inference, "offsets", seen)
    assert batch(batches.options(source, tmp_path / "out"), runner=Split(InProcess(), BLOCK)).counts["done"] == 1
    assert firsts[0] == BLOCK * len(kept)


def test_parts_of_another_run_are_not_mixed(tmp_path, monkeypatch):
    import numpy as np

    monkeypatch.setattr("deepot_qgis.engine.resume._PATIENCE_S", 0.1)
    output, rows = str(tmp_path / "out.tif"), np.zeros((3, 10, 4), np.float32)
    with Part(output, (20, 4), {"what": 1}, {"tile_px": 64}) as one:
        one.put(10, rows)
        with Part(output, (20, 4), {"what": 1}, {"tile_px": 128}) as other:
            assert other.settings == {"tile_px": 64}, "settings are those of whoever came first"
            assert other.missing(0, 20) == 0 and other.missing(10, 20) == 20
            other.put(0, rows)
        with Part(output, (20, 4), {"what": 2}, {}) as new:
            assert new.missing(0, 20) == 0
            with pytest.raises(OutputError, match="measured anew by another run"):
                one.put(0, rows)
            new.put(0, rows)
        with exclusive(str(tmp_path / ".out.tif.resume" / "lock")) as held:
            assert held and folder_of(output) == str(tmp_path / ".out.tif.resume")
            with pytest.raises(OutputError, match="is being measured by another process"):
                new.put(10, rows)
    with Work(output, (20, 4), {"what": 2}, {}) as work:
        assert work.first_row == 10
    with pytest.raises(OutputError, match="out.tif"):  # that run is over and its folder gone
        new.put(10, rows)
