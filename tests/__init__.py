"""The proof: tests mirror the packages, end to end they talk HTTP only."""
