"""Known failures, explained: what one covers (`waiver`), how files of them are read, and how they go stale."""
