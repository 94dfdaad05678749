"""Files of what an optimizer remembers, written whole or not at all: `checkpoint`, and in it a `snapshot`."""
