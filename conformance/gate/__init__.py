"""Inside other people's tests and CI: pytest (`cases`), GitHub (`action/`), and what init writes (`templates/`)."""
