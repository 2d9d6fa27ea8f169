"""The sample of a kind is left out where the whole of it runs: every case of the one is a case of the other."""

from __future__ import annotations

import pytest

SAMPLE, WHOLE = "test_a_sample_of_the_corpus", "test_the_whole_corpus"


@pytest.hookimpl(trylast=True)  # what -m and -k leave out is out by then
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    whole = {item.callspec.id for item in items if getattr(item, "originalname", "") == WHOLE}
    twice = [item for item in items if getattr(item, "originalname", "") == SAMPLE and item.callspec.id in whole]
    if twice:
        config.hook.pytest_deselected(items=twice)
        items[:] = [item for item in items if item not in twice]
