"""Formula: which equations an Adam has, part by part. Start with `equations`."""
