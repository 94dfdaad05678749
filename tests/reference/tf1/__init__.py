"""Tests of adamref/tf1/ against the real class; `test_page` has the sentences of its page."""
