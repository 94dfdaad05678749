"""Half precision: parameters that are rounded at random have no right numbers."""
