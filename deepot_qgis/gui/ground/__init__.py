"""After a measurement: what of it is left out, what stands still, and how much survives."""
