"""Tests of adamref/keras/, beside the real class. `test_page` holds what the page of the real class says."""
