"""Parts that several tabs of the panel share."""
