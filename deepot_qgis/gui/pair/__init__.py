"""The tab "Pair": two images in, displacement on the map."""
