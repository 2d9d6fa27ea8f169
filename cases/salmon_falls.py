"""The GNSS stations of the Salmon Falls landslide, and what a satellite's images would have shown beside them.

make case-salmon-falls
"""

from __future__ import annotations

import sys
from pathlib import Path

from cases import command, history, measuring, page, plots, salmon_falls_report
from cases import salmon_falls_scene as setting
from deepot_qgis.engine.network import NetworkOptions
from deepot_qgis.engine.stations import StationsOptions, StationsResult, compare

NAME = "salmon_falls"
NETWORK = NetworkOptions("interval", min_days=setting.SHORTEST_DAYS)


def run(quick: bool, folder: Path, docs: Path | None) -> dict:
    """Read the stations, simulate, measure, compare, draw; returns the numbers."""
    made, real = setting.scene(quick, folder)
    print(page.plain(salmon_falls_report.STATION_HEADER, salmon_falls_report.station_rows(made)))
    print(f"Simulating {len(made.dates)} images of {made.grid.width} x {made.grid.height} px ...")
    paths = setting.simulate(made, folder)
    found = {method: beside(made, paths[0].parent, folder / method, method) for method in measuring.methods()}
    print(page.plain(salmon_falls_report.HEADER, salmon_falls_report.rows(found)))
    docs = command.target(docs, folder, real and not quick)
    pictures = salmon_falls_report.draw(made, paths, found, docs / "images")
    text = salmon_falls_report.document(made, found, pictures)
    print(f"Page: {page.write(docs / 'case-salmon-falls.md', text)}")
    return salmon_falls_report.numbers(made, found)


def beside(made: setting.Scene, images: Path, folder: Path, method: str) -> StationsResult:
    """A series by one method, beside the stations."""
    folder.mkdir(parents=True, exist_ok=True)
    series = history.make(images, folder / "series", method, NETWORK)
    print(f"  {plots.NAMES[method]}: {series.pairs} pairs in {series.seconds:.0f} s")
    return compare(StationsOptions(series.series.folder, (made.gnss,), str(folder / "stations"), base=setting.BASE))


if __name__ == "__main__":
    sys.exit(command.main(NAME, run, __doc__))
