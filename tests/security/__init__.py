"""Nobody let in, and nothing let out: each promise of docs/threat-model.md has its test here or is named there."""
