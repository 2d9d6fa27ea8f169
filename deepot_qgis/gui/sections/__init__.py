"""The parts of the panel, in the order in which the work is done."""
