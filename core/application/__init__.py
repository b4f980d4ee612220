"""Use cases: one thing a person can ask for, each a command and a class with `execute`."""
