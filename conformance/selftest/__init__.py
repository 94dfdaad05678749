"""What the suite is worth: start with `selftest`."""
