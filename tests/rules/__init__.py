"""Tests of the rules: pure and fast."""
