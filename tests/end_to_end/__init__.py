"""Real processes, a real Redis, HTTP only."""
