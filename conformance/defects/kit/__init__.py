"""Kit: the right Adam in exchangeable pieces, from which wrong Adams are made. Start with `editable`."""
