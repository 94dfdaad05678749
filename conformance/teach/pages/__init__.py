"""Pages: what teaching commands say, in blocks that terminals and Markdown show alike."""
