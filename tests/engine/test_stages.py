import threading
import time

import pytest

from deepot_qgis.engine.stages import NETWORK, Channel, Clock, Stages, Stopped


def test_items_arrive_in_order_and_who_is_faster_waits():
    seen, given = [], []
    with Stages() as stages:
        channel = stages.channel(2)

        def give():
            for number in range(50):
                channel.put(number)
                given.append(number)
            channel.close()

        def take():
            for item in channel:
                assert len(given) <= item + 4  # two wait, one is being put, one is being taken
                seen.append(item)

        stages.start(give)
        stages.start(take)
        stages.wait(lambda: None)
    assert seen == list(range(50))


def test_a_channel_ends_when_all_its_givers_have_closed_it():
    channel = Channel(10, givers=2)
    channel.put(1)
    channel.close()
    items = iter(channel)
    assert next(items) == 1
    channel.put(2)
    channel.close()
    assert list(items) == [2]


@pytest.mark.parametrize("where", ["giver", "taker", "poll"])
def test_a_failure_anywhere_stops_all_at_once_and_is_raised(where):
    before = threading.active_count()
    stages = Stages()
    channel = stages.channel(1)

    def give():
        if where == "giver":
            raise ZeroDivisionError
        while True:  # ends by `Stopped` only
            channel.put(0)

    def take():
        for number, _ in enumerate(channel):
            if where == "taker" and number == 3:
                raise ZeroDivisionError

    def poll():
        if where == "poll":
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), stages:
        stages.start(give)
        stages.start(take)
        stages.wait(poll)
    assert threading.active_count() == before


def test_leaving_early_ends_the_threads():
    before = threading.active_count()
    with Stages() as stages:
        channel = stages.channel(1)
        stages.start(lambda: list(channel))
    assert threading.active_count() == before
    with pytest.raises(Stopped):
        channel.put(1)


def test_the_clock_tells_work_from_waiting():
    clock = Clock()

    def work():
        with clock.stage(NETWORK):
            until = time.thread_time() + 0.05
            while time.thread_time() < until:
                pass
        with clock.stage("waiting"):
            time.sleep(0.05)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = {row.stage: row for row in clock.rows()}
    assert rows[NETWORK].cpu_s >= 0.1 and rows["waiting"].cpu_s < 0.05 <= rows["waiting"].busy_s
    # two at once are one running
    assert rows["waiting"].busy_s >= 0.1 and all(0 < row.running <= 1.001 for row in (rows[NETWORK], rows["waiting"]))
    assert "The network was running during" in clock.table()
