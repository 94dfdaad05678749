"""Commands about programs: `serve` makes one of a Python subject, `export` writes its questions."""
