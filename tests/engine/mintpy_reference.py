"""Run by a Python that has MintPy: what MintPy makes of the files in a folder (see test_interchange_mintpy_proof)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import h5py
import mintpy
import numpy as np
from mintpy.objects import ifgramStack, timeseries
from mintpy.utils import readfile, utils0, writefile

folder = Path(sys.argv[1])
bin_folder = Path(sys.executable).parent
HEADING, INCIDENCE = -12.0, 38.0


def command(*arguments: str, inside: str = ".") -> str:
    """One of MintPy's commands, in the folder or in one inside."""
    done = subprocess.run(
        [str(bin_folder / arguments[0]), *arguments[1:]], capture_output=True, text=True, cwd=folder / inside
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(arguments)}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def keep(name: str, values: np.ndarray) -> None:
    np.save(folder / f"{name}.npy", values)


said = {"version": mintpy.__version__}

series = timeseries(str(folder / "timeseries_east.h5"))
series.open(print_msg=False)
said["timeseries"] = {
    "dates": series.dateList,
    "size": [series.numDate, series.length, series.width],
    "unit": series.metadata["UNIT"],
    "type": readfile.read_attribute(series.file)["FILE_TYPE"],
}
for component in ("east", "north", "los", "azimuth"):
    moved = readfile.read(str(folder / f"timeseries_{component}.h5"))[0]
    keep(f"timeseries_{component}", moved)
    keep(f"velocity_{component}", readfile.read(str(folder / f"velocity_{component}.h5"), datasetName="velocity")[0])
    command("timeseries2velocity.py", f"timeseries_{component}.h5", "-o", f"fitted_{component}.h5")
    keep(f"fitted_{component}", readfile.read(str(folder / f"fitted_{component}.h5"), datasetName="velocity")[0])

east, north = (np.load(folder / f"timeseries_{component}.npy") for component in ("east", "north"))
keep("projected_los", utils0.enu2los(east, north, 0 * east, inc_angle=INCIDENCE, head_angle=HEADING))
keep("projected_azimuth", utils0.en2az(east, north, utils0.heading2azimuth_angle(HEADING) - 90))

stack = ifgramStack(str(folder / "ifgramStack.h5"))
stack.open(print_msg=False)
said["stack"] = {
    "pairs": int(stack.numIfgram),
    "kept": int(np.sum(stack.dropIfgram)),
    "datasets": sorted(stack.datasetNames),
}
for name, out in (("rangeOffset", "timeseriesRg.h5"), ("azimuthOffset", "timeseriesAz.h5")):
    for inside, kind in ((".", "inverted"), ("noisy", "noisy")):
        command("ifgram_inversion.py", "ifgramStack.h5", "-i", name, "-w", "no", inside=inside)
        keep(f"{kind}_{name}", readfile.read(str(folder / inside / out))[0])

said["info"] = command("info.py", "timeseries_east.h5")
command("view.py", "velocity_east.h5", "velocity", "--nodisplay", "--noverbose", "-o", "view.png")
said["view"] = (folder / "view.png").stat().st_size > 5000
command("reference_point.py", "timeseries_north.h5", "-y", "5", "-x", "6")
said["reference_point"] = readfile.read_attribute(str(folder / "timeseries_north.h5"))["REF_Y"] == "5"

# what MintPy's own writers make, to be read by us
attributes = {**series.metadata, "FILE_TYPE": "timeseries"}
writefile.write({"timeseries": east, "date": np.array(series.dateList, dtype=np.bytes_)},
                out_file=str(folder / "theirs_timeseries.h5"), metadata=attributes)  # fmt: skip
keep("theirs_timeseries", east)

incidence, heading = np.radians(INCIDENCE), np.radians(HEADING)
metadata = {**stack.metadata, "PROCESSOR": "isce", "RANGE_PIXEL_SIZE": "2.3", "AZIMUTH_PIXEL_SIZE": "14.0",
            "RLOOKS": "2", "ALOOKS": "1"}  # fmt: skip
metadata.pop("DEEPOT_FRAME")
with h5py.File(folder / "ifgramStack.h5") as file:
    over_east, over_north, date = file["rangeOffset"][:], file["azimuthOffset"][:], file["date"][:]
los = utils0.enu2los(over_east, over_north, 0 * over_east, inc_angle=INCIDENCE, head_angle=HEADING)
along = utils0.en2az(over_east, over_north, utils0.heading2azimuth_angle(HEADING) - 90)
theirs = str(folder / "theirs_ifgramStack.h5")
writefile.write(
    {
        "rangeOffset": (-los / (2.3 / 2)).astype(np.float32),
        "azimuthOffset": (along / 14.0).astype(np.float32),
        "date": date,
        "bperp": np.zeros(len(date), np.float32),
        "dropIfgram": np.ones(len(date), bool),
    },
    out_file=theirs,
    metadata=metadata,
)
written = ifgramStack(theirs)
written.open(print_msg=False)
written.update_drop_ifgram(date12List2Drop=[written.date12List[-1]])

(folder / "said.json").write_text(json.dumps(said))
