"""Many pairs in one run: a list or a folder, measured by whoever is there, and a report of what became of each."""
