"""Tests of actors, outbox and sender, on fake and real Redis."""
