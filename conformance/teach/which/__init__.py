"""Which Adam somebody has: a page from the data on conventions, libraries and wrong Adams."""
