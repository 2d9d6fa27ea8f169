"""The tab "Series": many dates in, a history of displacement for every pixel."""
