"""Every parser takes any text there is, and answers with a result or a sentence."""

from __future__ import annotations

import contextlib
import json
import struct
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from deepot_qgis.engine import dates, network, provenance
from deepot_qgis.engine.errors import DeepotError
from deepot_qgis.engine.interchange.hdf5_check import attributes_are_whole
from deepot_qgis.engine.interchange.mintpy import date_of, grid_of
from deepot_qgis.engine.measure import MeasureOptions
from deepot_qgis.engine.model import adapter, contract, graph
from deepot_qgis.engine.stations import CsvOptions, StationsOptions, guess, read, read_positions
from deepot_qgis.engine.stations.moments import check_format, reader, recognise, zone
from deepot_qgis.engine.timeseries.acquisitions import read_dates
from tests.engine import networks

from .case import Case, Outcome

_FUZZ = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
#: Text that looks like a table, and now and then is none.
_CELLS = st.sampled_from(
    [
        "2020-01-01",
        "2020-01-02T10:00",
        "1.5",
        "-3,5",
        "nan",
        "",
        "time",
        "displacement [mm]",
        "=1+1",
        '"',
        "#",
        "1e400",
        "٣",
        "\x00",
        "\x85",
        "43831",
        "10:00",
        "ä",
    ]
) | st.text(max_size=6)
_TABLE = st.lists(st.lists(_CELLS, max_size=6), max_size=8)


def civil(call, *arguments, **keywords):
    """The result of a call, None for a sentence; anything else is raised."""
    try:
        return call(*arguments, **keywords)
    except DeepotError as error:
        assert not Outcome(Case("", "", "", ""), "refused", str(error)).complaints()
        return None


def table(rows: list[list[str]], delimiter: str, head: str = "") -> bytes:
    return (head + "\n".join(delimiter.join(row) for row in rows)).encode("utf-8", "surrogatepass")


@given(st.text())
@example("2023-02-30 2023-02-28T23:59:59")
@example("9999999920200101")
def test_dates(text):
    found = dates.find(text)
    assert (civil(dates.parse, text) is None) == (found is None)
    if found is not None:
        assert dates.find(dates.text(found)) == found.replace(microsecond=0)


@given(st.lists(st.text(max_size=24), max_size=5), st.text(max_size=12), st.text(max_size=10))
@settings(max_examples=100, deadline=None)
def test_times_of_loggers(texts, name, zone_name):
    for found in recognise(texts):
        assert [reader(found.format, "UTC")(text) for text in texts if text.strip()]
    if civil(check_format, name) is None:
        civil(zone, zone_name)


@given(
    _TABLE,
    st.sampled_from(",;\t| "),
    st.sampled_from(
        [
            "",
            "\ufeff",
            "time,displacement\n",
            "PBO Station Position Time Series\nDate, North (mm), East (mm),\n",
            "station;x;y;crs\n",
        ]
    ),
)
@_FUZZ
def test_tables_of_stations(tmp_path, rows, delimiter, head):
    path = tmp_path / "a.csv"
    path.write_bytes(table(rows, delimiter, head))
    for call in (guess, read_positions, read_dates):
        civil(call, str(path))
    found = civil(read, [str(path)])
    for station in found.stations if found else ():
        assert np.all(np.diff(station.seconds) > 0) and len(station.times) > 1


@given(st.binary(max_size=400))
@_FUZZ
def test_anything_as_a_table_or_record(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    for call in (guess, read_positions, read_dates, provenance.read_options):
        civil(call, str(path))
    civil(read, [str(path)])


@given(st.dictionaries(st.sampled_from(adapter.ITEMS), _JSON, max_size=5))
@settings(max_examples=100, deadline=None)
def test_adapters(items):
    civil(adapter.read, {**networks.METADATA, **items}, "a.onnx")


@given(
    st.dictionaries(st.sampled_from([*contract.REQUIRED, *adapter.ITEMS]), _JSON.map(json.dumps) | st.text(max_size=20))
)
@settings(max_examples=100, deadline=None)
def test_contracts(items):
    whole = {key: json.dumps(value) for key, value in networks.METADATA.items()}
    session = SimpleNamespace(get_modelmeta=lambda: SimpleNamespace(custom_metadata_map={**whole, **items}))
    found = civil(contract.read_metadata, session, "a.onnx")
    if found is not None:
        civil(adapter.read, found, "a.onnx")


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> bytes:
    path = tmp_path_factory.mktemp("model") / "a.onnx"
    networks.write(path)
    return path.read_bytes()


@given(st.binary(max_size=200) | st.tuples(st.integers(0, 700), st.binary(min_size=1, max_size=4)))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_graphs(tmp_path, model, change):
    """Bytes are no graph; a whole graph with some bytes changed may be one, but is never more than data."""
    content = change
    if isinstance(change, tuple):
        place, part = change[0] % len(model), change[1]
        content = model[:place] + part + model[place + len(part) :]
    path = tmp_path / "a.onnx"
    path.write_bytes(content)
    civil(graph.require_data, str(path))


@given(st.text(alphabet="abc./\\:", min_size=1, max_size=12))
@_FUZZ
def test_no_path_leads_out_of_a_models_folder(tmp_path, model, location):
    folder = tmp_path / "models"
    folder.mkdir(exist_ok=True)
    found = onnx.load_from_string(model)
    tensor = found.graph.initializer[0]
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    (folder / "m.onnx").write_bytes(found.SerializeToString())
    try:
        graph.require_data(str(folder / "m.onnx"))
    except DeepotError:
        return
    assert folder.resolve() in (folder / location).resolve().parents


_KEYS = ("WIDTH", "LENGTH", "X_FIRST", "Y_FIRST", "X_STEP", "Y_STEP", "EPSG", "UTM_ZONE", "X_UNIT")


@given(st.dictionaries(st.sampled_from(_KEYS), st.text(max_size=12) | st.integers().map(str) | st.floats().map(str)))
@settings(max_examples=100, deadline=None)
def test_attributes_of_mintpy(items):
    good = {
        "WIDTH": "23",
        "LENGTH": "17",
        "X_FIRST": "5e5",
        "Y_FIRST": "4e6",
        "X_STEP": "10",
        "Y_STEP": "-10",
        "EPSG": "32613",
    }
    grid = civil(grid_of, {**good, **items}, "a.h5")
    if grid is not None:
        assert grid.width > 0 and grid.height > 0 and np.isfinite(grid.geotransform).all()


@given(st.text(max_size=20))
def test_dates_of_mintpy(text):
    civil(date_of, text, "a.h5")


@given(st.binary(max_size=120), st.integers(0, 200))
@_FUZZ
def test_headers_of_hdf5(tmp_path, content, root):
    path = tmp_path / "a.h5"
    head = b"\x89HDF\r\n\x1a\n" + b"\0\0\0\0\0\x08\x08\0" + bytes(48) + struct.pack("<Q", root)
    path.write_bytes(head + content)
    assert attributes_are_whole(str(path)) in (True, False)


_OPTIONS = {
    "kind": "sequential",
    "neighbours": 2,
    "min_days": 1.0,
    "max_days": 90.0,
    "decorrelation_days": 60.0,
    "min_coherence": 0.3,
}


@given(
    st.dictionaries(st.sampled_from(sorted(_OPTIONS)), _JSON | st.sampled_from(network.KINDS)),
    st.lists(st.integers(0, 40_000), max_size=9),
)
@settings(max_examples=100, deadline=None)
def test_networks(items, days):
    options = civil(network.NetworkOptions, **{**_OPTIONS, **items})
    if options is not None:
        first = datetime(1990, 1, 1, tzinfo=timezone.utc)
        found = civil(network.pairs, [first + timedelta(days=day) for day in days], options)
        assert found is None or all(0 <= i < j < len(days) for i, j in found)


_RECORD = {
    "reference": "a.tif", "secondary": "b.tif", "output": "c.tif", "correlation": {"search_px": 8}, "quality": {"window_px": 31},
}  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "reference",
                "output",
                "area",
                "tile_px",
                "reference_band",
                "method",
                "velocity",
                "correlation",
                "quality",
                "more",
            ]
        ),
        _JSON,
    )
)
@settings(max_examples=100, deadline=None)
def test_records_of_products(items):
    civil(MeasureOptions.from_record, {**_RECORD, **items})


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "product",
                "stations",
                "output",
                "csv",
                "placements",
                "breaks",
                "size",
                "max_gap_days",
                "names",
                "positions_crs",
            ]
        ),
        _JSON,
    )
)
@settings(max_examples=100, deadline=None)
def test_records_of_stations(items):
    civil(StationsOptions.from_record, {"product": "a", "stations": ["b"], "output": "c", **items})


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "time",
                "displacement",
                "header",
                "first",
                "unit",
                "missing",
                "crs",
                "time_format",
                "time_zone",
                "delimiter",
            ]
        ),
        _JSON,
    )
)
@settings(max_examples=100, deadline=None)
def test_descriptions_of_tables(items):
    with contextlib.suppress(TypeError, AttributeError):  # `StationsOptions.from_record` makes sentences of these
        civil(CsvOptions.from_record, {"time": "t", "displacement": "d", **items})
