"""Storage: files of what an optimizer remembers, written whole or not at all. Start with `checkpoint`."""
