"""Python subjects in processes of their own."""
