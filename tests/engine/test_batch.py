import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from deepot_qgis.engine import cli, runtime
from deepot_qgis.engine.batch.run import batch, plan
from deepot_qgis.engine.errors import CancelledError, ClusterError, InputError, LostError, OptionsError
from deepot_qgis.engine.installation import interpreter
from deepot_qgis.engine.jobs import job as job_module
from deepot_qgis.engine.jobs import pool as pool_module
from deepot_qgis.engine.jobs.job import InProcess, Outcome
from deepot_qgis.engine.jobs.pool import LocalPool
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.timeseries.acquisitions import find_acquisitions
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.engine.timeseries.run import SeriesOptions, series

from . import batches, networks, scenes

REPOSITORY = Path(__file__).resolve().parents[2]
PAIRS = 4


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return batches.images(tmp_path_factory.mktemp("batch") / "images")


@pytest.fixture(scope="module")
def serial(source):
    """A run in this process: what all others must equal."""
    output = source.parent / "serial"
    return output, batch(batches.options(batches.listed(source), output))


@pytest.fixture
def started(monkeypatch):
    """The processes that a pool starts, in order."""
    found, popen = [], subprocess.Popen

    def start(*arguments, **keywords):
        process = popen(*arguments, **keywords)
        if pool_module.worker.__name__ in arguments[0]:
            found.append(process)
        return process

    monkeypatch.setattr(pool_module.subprocess, "Popen", start)
    return found


def test_a_list_becomes_products_and_a_report(source, serial):
    output, result = serial
    assert [line.state for line in result.lines] == ["done"] * PAIRS and result.counts["done"] == PAIRS
    with open(result.table, newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["pair"] for row in rows] == [f"{a}_{b}" for a, b in zip(batches.DAYS, batches.DAYS[1:])]
    assert all((output / row["product"]).is_file() and float(row["seconds"]) > 0 for row in rows)
    assert json.loads(Path(result.record).read_text())["counts"] == {"done": PAIRS, "taken": 0, "failed": 0, "left": 0}
    east = scenes.read(output / rows[0]["product"])["east"]
    assert abs(float(east[48, 48]) - 5.0) < 1.0


def test_processes_make_the_same_as_one(source, serial, tmp_path):
    result = batch(batches.options(batches.listed(source), tmp_path / "out"), runner=LocalPool(2))
    batches.require_same(serial[0], tmp_path / "out")
    assert {line.worker for line in result.lines} == {"process 1", "process 2"}


def test_a_folder_is_paired_like_a_series(source, tmp_path):
    options = batches.options(source, tmp_path / "out")
    planned = plan(options)
    assert len(planned.jobs) == 9 and "each date with the next 3" in planned.messages[-1]
    assert planned.jobs[0].name == "20200101_20200113"
    near = replace(options, network=NetworkOptions(neighbours=1))
    assert [job.name for job in plan(near).jobs] == [f"{a}_{b}" for a, b in zip(batches.DAYS, batches.DAYS[1:])]
    with pytest.raises(InputError, match="does not exist; give a list of pairs"):
        plan(batches.options(tmp_path / "nothing", tmp_path))


def test_finished_pairs_are_taken_again_and_one_that_fails_costs_only_itself(source, tmp_path):
    own = batches.images(tmp_path / "images", batches.DAYS[:3], 64)
    (own / "scene_20200206.tif").write_bytes(b"II*\0 no image")
    path = batches.listed(own, days=batches.DAYS[:4])
    for state in ("done", "taken"):
        result = batch(batches.options(path, tmp_path / "out"))
        assert [line.state for line in result.lines] == [state, state, "failed"]
        assert "scene_20200206.tif" in result.lines[2].reason and not result.lines[2].product
    (own / "scene_20200206.tif").unlink()
    scenes.write(own / "scene_20200206.tif", scenes.texture(64, 64, seed=4))
    result = batch(batches.options(path, tmp_path / "out"), runner=LocalPool(2, cores=1))
    assert [line.state for line in result.lines] == ["taken", "taken", "done"]
    again = batch(batches.options(path, tmp_path / "out", radiometry="amplitude"))
    assert again.counts["done"] == 3
    (tmp_path / "out" / "20200101_20200113_offsets.tif").unlink()
    assert [line.state for line in batch(batches.options(path, tmp_path / "out", radiometry="amplitude")).lines] == [
        "done", "taken", "taken",
    ]  # fmt: skip


def test_a_velocity_asked_for_later_is_measured(tmp_path):
    own = batches.images(tmp_path / "images", batches.DAYS[:2], 64)
    assert batch(batches.options(batches.listed(own, days=batches.DAYS[:2]), tmp_path / "out")).counts["done"] == 1
    path = batches.listed(own, "reference,secondary,velocity", ",v.tif", batches.DAYS[:2])
    for state in ("done", "taken"):
        assert batch(batches.options(path, tmp_path / "out")).counts[state] == 1
    assert (tmp_path / "out" / "v.tif").exists()


def test_a_process_that_is_killed_costs_nothing_but_time(source, serial, tmp_path, started):
    killed = []

    def watch(share, what):
        if not killed and share > 0.3:
            killed.append(started[0].pid)
            os.kill(started[0].pid, signal.SIGKILL)

    result = batch(batches.options(batches.listed(source), tmp_path / "out"), watch, runner=LocalPool(2, cores=1))
    assert killed and len(started) == 3 and result.counts["failed"] == 0
    batches.require_same(serial[0], tmp_path / "out")


def kill_the_first(monkeypatch, by):
    """Have the first process of a pool ended as soon as it exists, before it can say that it began."""
    found, popen = [], subprocess.Popen

    def start(*arguments, **keywords):
        process = popen(*arguments, **keywords)
        if pool_module.worker.__name__ in arguments[0]:
            found.append(process)
            if len(found) == 1:
                process.send_signal(by)
        return process

    monkeypatch.setattr(pool_module.subprocess, "Popen", start)
    return found


@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGTERM])
def test_a_process_that_is_killed_before_it_began_is_started_again(by, source, serial, tmp_path, monkeypatch):
    found = kill_the_first(monkeypatch, by)
    result = batch(batches.options(batches.listed(source), tmp_path / "out"), runner=LocalPool(1, cores=1))
    assert len(found) == 2 and found[0].returncode == -by and result.counts["failed"] == 0
    batches.require_same(serial[0], tmp_path / "out")


def test_a_process_that_crashes_before_it_began_is_not_started_again(source, tmp_path, monkeypatch):
    found = kill_the_first(monkeypatch, signal.SIGSEGV)
    with pytest.raises(ClusterError, match=r"can be started \(exit status -11\); run one job at a time"):
        batch(batches.options(batches.listed(source), tmp_path / "out"), runner=LocalPool(1, cores=1))
    assert len(found) == 1


def test_a_pair_that_kills_every_process_fails_alone(source, tmp_path, started, monkeypatch):
    def watch(share, what):
        if what.endswith(f"{batches.DAYS[0]}_{batches.DAYS[1]}") and started[-1].poll() is None:
            os.kill(started[-1].pid, signal.SIGKILL)

    path = batches.listed(source, days=batches.DAYS[:3])
    result = batch(batches.options(path, tmp_path / "out"), watch, runner=LocalPool(1, cores=1, retries=1))
    assert [line.state for line in result.lines] == ["failed", "done"]
    assert "was lost 2 times (ended by signal 9)" in result.lines[0].reason


def test_processes_that_cannot_start_are_a_sentence(source, tmp_path, monkeypatch):
    monkeypatch.setattr(pool_module.worker, "__name__", "deepot_qgis.no_such_module")
    with pytest.raises(ClusterError, match=r"No process for measuring can be started \(.*no_such_module"):
        batch(batches.options(batches.listed(source), tmp_path / "out"), runner=LocalPool(2))
    assert set(batches.states(tmp_path / "out").values()) == {"left"}
    monkeypatch.setattr(interpreter, "candidates", lambda running: [tmp_path / "qgis"])
    with pytest.raises(ClusterError, match="part of another program"):
        list(LocalPool(2).run(plan(batches.options(batches.listed(source), tmp_path)).jobs, print, lambda: False))
    with pytest.raises(OptionsError, match="'jobs' is 0"):
        LocalPool(0)


@pytest.mark.parametrize("runner", [InProcess, lambda: LocalPool(2, cores=1)])
def test_a_cancel_keeps_what_is_finished(source, tmp_path, runner):
    said = []

    def stop():
        return any(share >= 1 / PAIRS for share in said)

    with pytest.raises(CancelledError, match=r"of 4 pairs are finished and kept .*batch\.csv"):
        batch(
            batches.options(batches.listed(source), tmp_path / "out"),
            lambda share, _: said.append(share),
            stop,
            runner(),
        )
    states = batches.states(tmp_path / "out")
    assert "left" in states.values()
    products = {path.stem for path in (tmp_path / "out").glob("????????_????????.tif")}
    assert products == {pair for pair, state in states.items() if state == "done"}
    assert not list((tmp_path / "out").glob(".*"))


def test_cores_are_divided(monkeypatch):
    assert pool_module._environment(3)[runtime.CORES] == "3"
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert pool_module._environment(3)["OMP_NUM_THREADS"] == "1"
    cores = runtime.cores()
    monkeypatch.setenv(runtime.CORES, "1")
    assert runtime.cores() == 1
    monkeypatch.setenv(runtime.CORES, "100000")
    assert runtime.cores() == cores
    monkeypatch.setenv(runtime.CORES, "many")
    assert runtime.cores() == cores


def test_weights_are_loaded_once(source, tmp_path, monkeypatch):
    loaded, load = [], job_module.NetworkEstimator

    def counted(model, device):
        loaded.append(model)
        return load(model, device)

    pytest.importorskip("onnxruntime")
    monkeypatch.setattr(job_module, "NetworkEstimator", counted)
    model = networks.write(tmp_path / "constant.onnx")
    path = batches.listed(source, days=batches.DAYS[:4])
    result = batch(batches.options(path, tmp_path / "out", method="model", model=model))
    assert result.counts["done"] == 3 and len(loaded) == 1
    networks.write(tmp_path / "constant.onnx", offset=(2.0, 0.0))
    os.utime(model, (1, 1))
    assert batch(batches.options(path, tmp_path / "out", method="model", model=model)).counts["done"] == 3


def test_what_nobody_foresaw_costs_one_pair(source, tmp_path, monkeypatch):
    real = job_module.measure

    def measure(options, *more):
        if batches.DAYS[2] in options.reference:
            raise MemoryError("no room")
        return real(options, *more)

    monkeypatch.setattr(job_module, "measure", measure)
    path = batches.listed(source, days=batches.DAYS[:4])
    result = batch(batches.options(path, tmp_path / "out"))
    assert [line.state for line in result.lines] == ["done", "done", "failed"]
    assert result.lines[2].reason == "It ended unexpectedly (MemoryError: no room)."
    (tmp_path / "file").write_text("no folder")
    path = batches.listed(source, "reference,secondary,output", ",../file/x.tif", batches.DAYS[:2])
    assert "cannot be made" in batch(batches.options(path, tmp_path / "out")).lines[0].reason


def test_an_outcome_is_raised_as_what_it_was():
    assert isinstance(job_module.failed(InputError("No."), 1.0).failure(), InputError)
    assert isinstance(Outcome("failed", reason="x", error="LostError").failure(), LostError)
    assert "ZeroDivisionError" in job_module.failed(ZeroDivisionError("x"), 1.0).reason


def test_a_series_of_several_processes_is_the_same(source, tmp_path):
    rotten = batches.images(tmp_path / "images")
    data = bytearray((rotten / "scene_20200206.tif").read_bytes())
    (rotten / "scene_20200206.tif").write_bytes(bytes(data[: len(data) // 2]))
    found = []
    for name, runner in (("one", InProcess()), ("two", LocalPool(2, cores=1))):
        options = SeriesOptions(
            find_acquisitions(rotten), str(tmp_path / name), NetworkOptions(neighbours=2), "correlation", netcdf=False
        )
        result = series(options, runner=runner)
        found.append((result.messages, open_series(result.record).read(0, 0, 96, 96)))
    assert found[0][0] == found[1][0]
    assert found[0][1].tobytes() == found[1][1].tobytes()


def run_cli(*arguments, **keywords):
    return subprocess.Popen(
        [sys.executable, "-m", "deepot_qgis.engine", *map(str, arguments)],
        cwd=REPOSITORY, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **keywords,
    )  # fmt: skip


def test_command_line(source, tmp_path, capsys):
    path = batches.listed(source, days=batches.DAYS[:3])
    assert cli.main(["batch", path, str(tmp_path / "out"), "--method", "correlation", "--plan"]) == 0
    assert "20200113_20200125" in capsys.readouterr().out and not (tmp_path / "out").exists()
    assert cli.main(["batch", path, str(tmp_path / "out"), "--method", "correlation"]) == 0
    assert "2 pairs in" in capsys.readouterr().out
    own = batches.images(tmp_path / "images", batches.DAYS[:2], 64)
    (own / "scene_20200125.tif").write_bytes(b"no image")
    path = batches.listed(own, days=batches.DAYS[:3])
    assert cli.main(["batch", path, str(tmp_path / "own"), "--method", "correlation"]) == 1
    printed = capsys.readouterr()
    assert (
        "1 of 2 pairs could not be measured" in printed.err and "20200113_20200125: scene_20200125.tif" in printed.err
    )


def test_a_series_by_two_processes_on_the_command_line(source, tmp_path, capsys):
    arguments = ["series", str(source), str(tmp_path / "out"), "--method", "correlation", "--neighbours", "1"]
    assert cli.main([*arguments, "--no-netcdf", "--jobs", "2", "--cores", "1"]) == 0
    assert "Series: " in capsys.readouterr().out
    record = str(tmp_path / "out" / "series.json")
    assert cli.main(["series-rerun", record, str(tmp_path / "again"), "--jobs", "0"]) == 1
    assert "'jobs' is 0" in capsys.readouterr().err


def test_ctrl_c_ends_with_what_is_finished(tmp_path):
    own = batches.images(tmp_path / "images", batches.DAYS, 200)
    path, output = batches.listed(own), tmp_path / "out"
    running = run_cli("batch", path, output, "--method", "correlation", "--jobs", 2)
    until = time.monotonic() + 60
    while not list(output.glob("*_????????.tif")) and time.monotonic() < until:
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    printed = running.communicate(timeout=60)
    assert running.returncode == 1 and "pairs are finished and kept" in printed[1], printed
    states = batches.states(output)
    assert "done" in states.values() and "left" in states.values()
    assert not [path.name for path in output.glob(".*")]


def test_processes_end_when_the_one_that_started_them_is_gone(tmp_path):
    own = batches.images(tmp_path / "images", batches.DAYS, 200)
    output = tmp_path / "out"
    running = run_cli("batch", batches.listed(own), output, "--method", "correlation", "--jobs", 2)
    until = time.monotonic() + 60
    while not list(output.glob(".*partial*")) and time.monotonic() < until:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=60)
    while list(output.glob(".*partial*")) and time.monotonic() < until:
        time.sleep(0.05)
    assert not list(output.glob(".*partial*")), "a process went on, or left its files"
