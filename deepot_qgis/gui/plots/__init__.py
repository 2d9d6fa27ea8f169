"""The dock "Displacement against time": clicked points, drawn areas and profiles of a series, as plots."""
