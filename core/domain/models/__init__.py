"""Values: immutable, compared by content, free of any store."""
