"""Half precision: what no right stochastic rounding returns."""
