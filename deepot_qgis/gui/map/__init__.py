"""Tools on the map: ask a product at a place, and compare what is drawn on it."""
