"""A displacement product on a page to print: what stands on it, its template, and how that is filled in."""
