"""Wrong options of an optimizer that leave the formulas alone."""
