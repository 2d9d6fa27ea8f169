"""Batches on a dask cluster of real processes: a scheduler and two workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from deepot_qgis.engine.batch.run import batch
from deepot_qgis.engine.errors import CancelledError, ClusterError, OptionsError
from deepot_qgis.engine.jobs import cluster as cluster_module
from deepot_qgis.engine.jobs import remote
from deepot_qgis.engine.jobs.cluster import Cluster
from deepot_qgis.engine.jobs.split import Split
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.output import BLOCK
from deepot_qgis.engine.timeseries.acquisitions import find_acquisitions
from deepot_qgis.engine.timeseries.product import open_series
from deepot_qgis.engine.timeseries.run import SeriesOptions, series

from . import batches, scenes

REPOSITORY = Path(__file__).resolve().parents[2]
WAIT_S = 90


class Processes:
    """A scheduler and workers, each a process of its own."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "scheduler.json"
        self.started: list[subprocess.Popen] = []
        self.scheduler = self._start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--idle-timeout", "300")
        wait_for(self.file.exists)

    def worker(self, **environment: str) -> subprocess.Popen:
        count = len(self.client().nthreads())
        place = str(self.folder / f"w{len(self.started)}")
        worker = self._start(
            "dask_worker",
            "--nthreads",
            "1",
            "--no-nanny",
            "--host",
            "127.0.0.1",
            "--local-directory",
            place,
            **environment,
        )
        wait_for(lambda: len(self.client().nthreads()) > count)
        return worker

    def client(self):
        if not hasattr(self, "_client"):
            distributed = pytest.importorskip("distributed")
            self._client = distributed.Client(scheduler_file=str(self.file), set_as_default=False)
        return self._client

    def _start(self, program: str, *arguments: str, **environment: str) -> subprocess.Popen:
        paths = os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")])
        with open(self.folder / f"{program}{len(self.started)}.log", "w") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", str(self.file),
                 "--no-dashboard", *arguments],
                env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", **environment},
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        self.started.append(process)
        return process

    def end(self) -> None:
        if hasattr(self, "_client"):
            self._client.close(timeout=2)
        for process in self.started:
            process.kill()
            process.wait()


def wait_for(done) -> None:
    until = time.monotonic() + WAIT_S
    while not done():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    pytest.importorskip("distributed", reason="dask.distributed is not installed (requirements-test.txt)")
    found = Processes(tmp_path_factory.mktemp("cluster"))
    try:
        found.worker()
        found.worker()
        yield found
    finally:
        found.end()


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return batches.images(tmp_path_factory.mktemp("batch") / "images", size=112)


@pytest.fixture(scope="module")
def serial(source):
    """A run in this process: what all others must equal."""
    output = source.parent / "serial"
    batch(batches.options(source, output))
    return output


def test_workers_make_the_same_as_one_process(processes, source, serial, tmp_path):
    seen = []
    result = batch(
        batches.options(source, tmp_path / "out"),
        lambda share, what: seen.append((share, what)),
        runner=Cluster(str(processes.file)),
    )
    batches.require_same(serial, tmp_path / "out")
    assert any("under way" in what or what.startswith("Pair ") for _, what in seen)  # as the workers themselves told
    assert seen[-1][0] == 1 and all(0 <= share <= 1 for share, _ in seen)
    assert {line.worker for line in result.lines} == set(processes.client().nthreads())
    assert result.counts["done"] == 9
    address = processes.client().scheduler_info()["address"]
    again = batch(batches.options(source, tmp_path / "out"), runner=Cluster(address))
    assert again.counts["taken"] == 9


def test_a_worker_killed_in_the_middle_costs_its_own_pair_and_nothing_else(processes, source, serial, tmp_path):
    victim = processes.worker()
    output, killed = tmp_path / "out", []

    def kill():
        wait_for(lambda: list(output.glob(f".*-{victim.pid}-*partial*")))  # it is writing the files of a pair
        victim.send_signal(signal.SIGKILL)
        killed.append(victim.wait())

    killer = threading.Thread(target=kill)
    killer.start()
    result = batch(batches.options(source, output), runner=Cluster(str(processes.file)))
    killer.join()
    assert killed == [-signal.SIGKILL]
    assert {line.state for line in result.lines} == {"done"}
    batches.require_same(serial, output)


def test_parts_of_a_large_pair_on_workers_are_the_whole(processes, tmp_path):
    ground = scenes.texture(2 * BLOCK + 100, 70)
    for day, shift in zip(batches.DAYS, (0.0, 0.6)):
        scenes.write(tmp_path / f"scene_{day}.tif", scenes.moved(ground, shift, 0.0))
    path = batches.listed(tmp_path, days=batches.DAYS[:2])
    for name, runner in (("here", None), ("there", Split(Cluster(str(processes.file)), BLOCK))):
        assert batch(batches.options(path, tmp_path / name), runner=runner).counts["done"] == 1
    batches.require_same(tmp_path / "here", tmp_path / "there")


def test_a_network_on_workers_is_the_network_here(processes, source, tmp_path):
    pytest.importorskip("onnxruntime")
    path = batches.listed(source, days=batches.DAYS[:2])
    for name, runner in (("here", None), ("there", Cluster(str(processes.file)))):
        result = batch(
            batches.options(path, tmp_path / name, method="model", model="unet", device="cpu"), runner=runner
        )
        assert result.counts["done"] == 1, result.lines
    batches.require_same(tmp_path / "here", tmp_path / "there")


def test_a_series_on_workers_is_the_same(processes, source, tmp_path):
    histories = []
    for name, runner in (("here", None), ("there", Cluster(str(processes.file)))):
        near = NetworkOptions(neighbours=1)
        options = SeriesOptions(find_acquisitions(source), str(tmp_path / name), near, "correlation", netcdf=False)
        histories.append(open_series(series(options, runner=runner).record).read(0, 0, 112, 112))
    assert histories[0].tobytes() == histories[1].tobytes()


def test_a_cancel_reaches_the_workers(processes, tmp_path):
    source = batches.images(tmp_path / "images", batches.DAYS, 400)
    output = tmp_path / "out"

    def begun():
        return bool(list(output.glob(".*partial*")))

    with pytest.raises(CancelledError, match="of 9 pairs are finished and kept"):
        batch(batches.options(source, output), cancelled=begun, runner=Cluster(str(processes.file)))
    assert "left" in batches.states(output).values()
    wait_for(lambda: not any(processes.client().processing().values()))
    wait_for(lambda: not begun())
    assert len(list(output.glob("*_offsets.tif"))) < 9


def test_a_worker_tells_now_and_then_how_far_it_is(monkeypatch):
    now, told = [0.0], []
    monkeypatch.setattr(remote.time, "monotonic", lambda: now[0])
    tell = remote._Teller(SimpleNamespace(log_event=lambda *event: told.append(event)), "shares", "measure-a")
    for share in (0.1, 0.2, 0.3):
        tell(share)
        now[0] += 0.6
    assert told == [("shares", {"key": "measure-a", "share": share}) for share in (0.1, 0.3)]

    def closed(*_):
        raise RuntimeError("the worker is being closed")

    remote._Teller(SimpleNamespace(log_event=closed), "shares", "measure-a")(0.5)


def test_another_version_is_a_sentence(processes, source, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster_module, "VERSION", "0.0.1")
    with pytest.raises(
        ClusterError, match=r"The worker tcp://127.0.0.1:\d+ has version .* and this is version 0\.0\.1"
    ):
        batch(batches.options(source, tmp_path), runner=Cluster(str(processes.file)))
    with pytest.raises(ClusterError, match=r"and this is version 0\.0\.1"):  # a worker that came later
        monkeypatch.setattr(cluster_module, "_facts_of_workers", lambda *_: {})
        batch(batches.options(source, tmp_path), runner=Cluster(str(processes.file), retries=0))


def test_what_is_lost_or_lacks_the_package_is_a_sentence(processes, source, tmp_path):
    other = Processes(tmp_path)
    try:
        foreign = other.worker(PYTHONPATH="")
        with pytest.raises(ClusterError, match=r"worker tcp://\S+ cannot measure \(.*No module named 'deepot_qgis'"):
            batch(batches.options(source, tmp_path / "out"), runner=Cluster(str(other.file)))
        foreign.kill()
        wait_for(lambda: not other.client().nthreads())
        other.worker()
        seen = []

        def lose(share, what):
            if share > 0.1 and not seen:
                seen.append(what)
                other.scheduler.kill()

        with pytest.raises(ClusterError, match="was lost or has forgotten its tasks; pairs that are finished are kept"):
            batch(batches.options(source, tmp_path / "out"), lose, runner=Cluster(str(other.file), timeout_s=3))
        assert {"done", "left"} == set(batches.states(tmp_path / "out").values())
    finally:
        other.end()


def test_a_scheduler_that_does_not_answer_is_a_sentence(source, tmp_path):
    pytest.importorskip("distributed", reason="dask.distributed is not installed (requirements-test.txt)")
    for address in ("tcp://127.0.0.1:1", "127.0.0.1:1"):
        with pytest.raises(ClusterError, match=r"127\.0\.0\.1:1 did not answer within 1 s"):
            batch(batches.options(source, tmp_path), runner=Cluster(address, timeout_s=1))
    with pytest.raises(ClusterError, match="The scheduler nonsense://x cannot be used"):
        batch(batches.options(source, tmp_path), runner=Cluster("nonsense://x", timeout_s=1))
    with pytest.raises(OptionsError, match="address of the scheduler is empty"):
        Cluster(" ")


def test_without_the_package_it_is_a_sentence(source, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError, match=r"pip install 'deepot-qgis\[cluster\]'"):
        batch(batches.options(source, tmp_path), runner=Cluster("tcp://127.0.0.1:1"))


def test_a_pair_that_ends_every_worker_fails_alone():
    class KilledWorker(Exception):
        pass

    lost = SimpleNamespace(status="error", exception=lambda: KilledWorker("measure-x"))
    outcome = Cluster("here")._outcome(lost)
    assert outcome.state == "failed" and outcome.error == "LostError" and "lost one after the other" in outcome.reason
    strange = SimpleNamespace(status="error", exception=lambda: ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError: division by zero" in Cluster("here")._outcome(strange).reason


def test_workers_share_the_cores_of_their_host():
    def worker(host, cores, threads=1):
        return {"host": host, "cores": list(cores), "threads": threads}

    workers = {"a": worker("x", range(8)), "b": worker("x", range(8)), "c": worker("y", range(8), 3)}
    assert cluster_module._cores_of_workers(workers) == {"a": 4, "b": 4, "c": 2}
    bound = {"a": worker("x", range(4)), "b": worker("x", range(4, 8))}
    assert cluster_module._cores_of_workers(bound) == {"a": 4, "b": 4}
