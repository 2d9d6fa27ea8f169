"""docs/performance.md and its plots, from what the benchmarks have stored."""
