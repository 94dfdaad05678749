"""What a case is, and the files that hold cases: start with `vector`."""
