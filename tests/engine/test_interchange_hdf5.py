from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.interchange.arrays import ArrayFile
from deepot_qgis.engine.interchange.hdf5 import Array, Hdf5Writer

FLOAT = np.dtype("<f4")
NAMES = st.lists(
    st.text(st.characters(codec="ascii", categories=("Lu", "Ll", "Nd")), min_size=1, max_size=20),
    min_size=1, max_size=12, unique=True,
)  # fmt: skip


def written(path, arrays, attributes=None):
    with Hdf5Writer(str(path), [Array(name, v.shape, v.dtype) for name, v in arrays.items()], attributes or {}) as file:
        for name, values in arrays.items():
            file.put(name, values)
    return ArrayFile(str(path))


@settings(max_examples=25, deadline=None)
@given(NAMES, st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(0, 2**32 - 1))
def test_what_is_written_is_read(tmp_path_factory, names, shape, seed):
    random = np.random.default_rng(seed)
    arrays = {name: random.normal(size=shape).astype(FLOAT) for name in names}
    file = written(tmp_path_factory.mktemp("h") / "a.h5", arrays)
    assert sorted(file.names()) == sorted(names)
    for name, values in arrays.items():
        np.testing.assert_array_equal(file.read(name), values)


def test_dates_truth_values_and_attributes(tmp_path):
    days = np.array([["20200101", "20200113"], ["20200113", "20200125"]], dtype="S8")
    arrays = {"date": days, "drop": np.array([True, False]), "few": np.array([-3, 7], "<i2")}
    file = written(tmp_path / "a.h5", arrays, {"WIDTH": "4", "NOTE": "grüß", "EMPTY": ""})
    assert file.texts("date").tolist() == [["20200101", "20200113"], ["20200113", "20200125"]]
    assert file.read("drop").tolist() == [1, 0] and file.read("few").tolist() == [-3, 7]
    assert file.attributes["WIDTH"] == "4" and file.attributes["NOTE"] == "grüß"


def test_rows_may_come_in_any_order(tmp_path):
    whole = np.arange(2 * 5 * 3, dtype=FLOAT).reshape(2, 5, 3)
    path = str(tmp_path / "a.h5")
    with Hdf5Writer(path, [Array("a", whole.shape, FLOAT)], {}) as file:
        file.put_rows("a", 3, whole[:, 3:])
        file.put_rows("a", 0, whole[0, :3])
        file.put_rows("a", 0, whole[1, :3], 1)
    np.testing.assert_array_equal(ArrayFile(path).read("a"), whole)
    np.testing.assert_array_equal(ArrayFile(path).read("a", (1, 2, 0), (1, 2, 3)), whole[1:, 2:4])


def test_what_is_no_such_file_is_said(tmp_path):
    text = tmp_path / "text.h5"
    text.write_text("no HDF5")
    with pytest.raises(InputError, match=r"text\.h5 is not an HDF5 file"):
        ArrayFile(str(text))
    with pytest.raises(InputError, match=r"gone\.h5 does not exist"):
        ArrayFile(str(tmp_path / "gone.h5"))
    file = written(tmp_path / "a.h5", {"there": np.zeros(2, FLOAT)})
    with pytest.raises(InputError, match="no 'timeseries' .it has there"):
        file.read("timeseries")
    with pytest.raises(InputError, match="holds no text"):
        file.texts("there")
