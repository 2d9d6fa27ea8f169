"""Other people's formats: pairs and series from them, pairs and series to them."""
