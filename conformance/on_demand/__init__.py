"""Answers on demand: the oracle answers inputs that stand in no file. Start with `judging`."""
