"""Models: what must hold of the outbox whatever happens in whatever order, and faults sown on purpose to be caught."""
