"""Lessons: small vectors that are worked out line by line, for `vectors/learn.json`."""
