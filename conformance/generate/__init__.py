"""Generation: the only code that writes vectors/. Start with `files`, then `recipes.recipe`.

`python -m conformance.generate` runs it.
"""
