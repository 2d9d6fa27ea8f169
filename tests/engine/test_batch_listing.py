import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deepot_qgis.engine.batch.listing import read_list
from deepot_qgis.engine.errors import InputError
from deepot_qgis.engine.jobs.job import Job

from . import batches


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Images are only looked for here, never opened."""
    folder = tmp_path_factory.mktemp("list")
    for name in ("a.tif", "b.tif", "scene_20200101.tif", "scene_20200113.tif", "scene_20200125.tif"):
        (folder / name).write_bytes(b"")
    return folder


def read(folder, text, **changes):
    path = folder / "pairs.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_list(str(path), str(folder / "out"), batches.template(**changes))


def test_columns_are_options(folder):
    heading = "Reference;secondary;output;reference_date;velocity;tile_px;quality.max_sigma_px;correlation.windows_px"
    row = "a.tif;b.tif;north/one.tif;2020-01-01;v.tif;512;0.7;16 32"
    (job,) = read(folder, f"# pairs of the north\n{heading}\n\n{row}\n", radiometry="amplitude")
    assert job.name == "north/one" and job.options.reference == str(folder / "a.tif")
    assert job.options.output == str(folder / "out" / "north/one.tif")
    assert job.options.velocity == str(folder / "out" / "v.tif")
    assert job.options.tile_px == 512 and job.options.quality.max_sigma_px == 0.7
    assert job.options.correlation.windows_px == (16, 32) and job.options.radiometry == "amplitude"
    assert job.options.quality.min_correlation == batches.template().quality.min_correlation


def test_products_are_called_by_dates_or_by_images(folder):
    given = "reference,secondary,secondary_date\nscene_20200101.tif,b.tif,2020-02-02\na.tif,b.tif,\n"
    assert [job.name for job in read(folder, given)] == ["20200101_20200202", "a_b"]
    jobs = read(folder, f"secondary\treference\tdevice\n{folder}/b.tif\ta.tif\tcpu\n")
    assert [job.name for job in jobs] == ["a_b"]


def test_what_is_no_file_is_left_to_gdal(folder):
    (job,) = read(folder, 'reference,secondary,output\nNETCDF:"x.nc":band,/vsizip/x.zip/y.tif,one.tif\n')
    assert job.options.reference == "NETCDF:x.nc:band" or job.options.reference == 'NETCDF:"x.nc":band'


def test_a_job_travels_as_text(folder, monkeypatch):
    (job,) = read(folder, "reference,secondary,correlation.windows_px\na.tif,b.tif,16 32\n")
    assert Job.from_text(job.text()) == job
    monkeypatch.chdir(folder)
    (job,) = read_list("pairs.csv", "out", batches.template())
    assert Job.from_text(job.text()).options.output == str(folder / "out" / "a_b.tif")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "pairs.csv lists no pair"),
        ("reference,secondary\n", "pairs.csv lists no pair"),
        ("first,second\na.tif,b.tif\n", "line 1: the column reference and the column secondary is missing"),
        ("reference,secondary,modle\n", "line 1: the column 'modle' is not known; did you mean 'model'"),
        ("reference,secondary,secondary\n", "line 1: the column 'secondary' is there twice"),
        ("reference,secondary\na.tif,c.tif\n", "line 2: the image 'c.tif' does not exist"),
        ("reference,secondary\n\n# no\na.tif,\n", "line 4: there is no secondary"),
        ("reference,secondary\na.tif,b.tif,c.tif\n", "line 2: there are 3 cells under 2 columns"),
        ("reference,secondary,tile_px\na.tif,b.tif,big\n", "line 2: 'tile_px' is 'big'; it must be a whole number"),
        ("reference,secondary,tile_px\na.tif,b.tif,7\n", "line 2: The tile size is 7 px"),
        ("reference,secondary,device\na.tif,b.tif,abacus\n", "line 2: device is 'abacus'; choose one of"),
        ("reference,secondary,quality.max_sigma_px\na.tif,b.tif,0,4\n", "line 2: there are 4 cells"),
        ("reference,secondary,reference_date\na.tif,b.tif,soon\n", "line 2: 'soon' is not a date"),
        ("reference,secondary,method,model\na.tif,b.tif,model,nix\n", "line 2: There is no model 'nix'"),
        ("reference,secondary\na.tif,b.tif\na.tif,b.tif\n", "lines 2 and 3: both write a_b.tif"),
        ("reference,secondary,output\na.tif,b.tif,../b.tif\n", "line 2: it writes over the image b.tif"),
        ("reference,secondary\na.tif,b.tif\n".encode("utf-16"), "is no text in UTF-8"),
        ("reference,secondary\na.tif,b\0.tif\n", "is no text"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(folder, text, sentence):
    with pytest.raises(InputError, match="pairs.csv") as error:
        read(folder, text)
    assert sentence in str(error.value)


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pairs.csv")
    with pytest.raises(InputError, match="is a pipe"):
        read_list(str(tmp_path / "pairs.csv"), str(tmp_path), batches.template())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            *[st.sampled_from(["a.tif", "b.tif", "", "#", '"', "1e999", "-1", "nan", "\r", "x" * 300, "ü;,"])] * 4
        ),
        max_size=5,
    ),
    heading=st.sampled_from(["reference,secondary,output,tile_px", "reference;secondary;quality.max_sigma_px;area"]),
    tail=st.binary(max_size=20),
)
def test_any_list_is_read_or_refused_in_a_sentence(folder, rows, heading, tail):
    delimiter = ";" if ";" in heading else ","
    text = "\n".join([heading, *(delimiter.join(row) for row in rows)]).encode() + tail
    try:
        assert read(folder, text)
    except InputError as error:
        assert "pairs.csv" in str(error) and len(str(error)) < 900
