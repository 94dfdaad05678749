"""Generation: the only code that writes vectors/. Start with `files`; `python -m conformance.generate` runs it."""
