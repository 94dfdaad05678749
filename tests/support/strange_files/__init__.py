"""Files that nobody wrote on purpose, and paths that lead to no file."""
