"""What is right: exact results, and how far a right Adam may be from them. Start with `bound`."""
