"""Tests of conformance/defects/ and variants/: the suite rejects wrong and accepts right Adams."""
