"""Commands about programs, as processes."""
