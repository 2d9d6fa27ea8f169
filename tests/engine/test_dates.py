from datetime import datetime, timezone

import pytest

from deepot_qgis.engine import dates
from deepot_qgis.engine.errors import OptionsError

from . import scenes


@pytest.mark.parametrize(
    "name, expected",
    [
        ("Slum_20130510.tif", "2013-05-10"),
        ("S1A_IW_GRDH_1SDV_20230904T063012_20230904T063037_050171.tiff", "2023-09-04T06:30:12Z"),
        ("scene 2023-09-16 VV.tif", "2023-09-16"),
        ("img_2023_09_16.tif", "2023-09-16"),
        ("path44_frame12345678.tif", None),
        ("20239904_20230916.tif", "2023-09-16"),
        ("20230230.tif", None),
        ("nothing.tif", None),
    ],
)
def test_dates_are_read_from_names(name, expected):
    found = dates.find(name)
    assert (dates.text(found) if found else None) == expected


def test_metadata_comes_before_the_name_and_the_writing_time_does_not_count(tmp_path):
    values = scenes.texture(40, 40)
    told = scenes.write(tmp_path / "a_20200101.tif", values, metadata={"ACQUISITION_DATE": "2021-02-03"})
    written = scenes.write(tmp_path / "b.tif", values, metadata={"TIFFTAG_DATETIME": "2021:02:03 00:00:00"})
    assert dates.acquisition_date(told) == "2021-02-03"
    assert dates.acquisition_date(written) is None


def test_what_is_written_can_be_read():
    moment = datetime(2023, 9, 4, 6, 30, 12, tzinfo=timezone.utc)
    assert dates.parse(dates.text(moment)) == moment
    assert dates.days_between(dates.parse("2023-09-04T12:00:00"), dates.parse("2023-09-16")) == 11.5
    with pytest.raises(OptionsError, match="tomorrow"):
        dates.parse("tomorrow")
