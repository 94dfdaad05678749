"""Reports for people: what the commands print."""
