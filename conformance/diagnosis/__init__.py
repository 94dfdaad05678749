"""What explains the numbers of a subject that fails: start with `diagnosis`."""
