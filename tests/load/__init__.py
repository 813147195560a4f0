"""Load from another process, and what it measures: benchmarks, overload and soak are made of it."""
