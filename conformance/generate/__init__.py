"""Writes vectors/: inputs from `recipes`, answers from `truth`. Start with `files`."""
