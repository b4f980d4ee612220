"""Watching both stores: who pings them, when, and what is known of them (rules in `core.health`)."""
