"""Conversations, their commit, the outbox and the sender: everything that knows Redis, and nothing that knows HTTP."""
