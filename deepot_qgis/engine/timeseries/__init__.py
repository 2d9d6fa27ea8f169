"""From many dates to one history of displacement a pixel: pairs, their inversion, and what is made of it."""
