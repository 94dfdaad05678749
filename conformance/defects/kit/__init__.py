"""Kit: right Adams in replaceable pieces, from which wrong Adams are made. Start with `paper`."""
