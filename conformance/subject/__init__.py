"""How a user's Adam is given, and how it is found: start with `subject`."""
