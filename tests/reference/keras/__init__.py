"""Tests of adamref/keras/ against the real class; `test_page` has the sentences of its page."""
