"""What the program has been doing, line by line: the log, bounded, searchable, without secrets."""
