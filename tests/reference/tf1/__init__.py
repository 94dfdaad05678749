"""Tests of adamref/tf1/, beside the real class. `test_page` holds what the page of the real class says."""
