"""Answers that the oracle works out for inputs that no file has. Start with `judging`."""
