"""Everything that speaks HTTP, both ways, and the one place that wires the parts together."""
