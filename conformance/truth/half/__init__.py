"""Half precision: exact results of Adams that round what they keep between steps."""
