"""The rules: pure Python. No Qt, no driver, no I/O and no threads may enter here."""
