"""Inputs that nobody wrote down: `hunt` fills the vectors, `fuzz` looks beyond them."""
