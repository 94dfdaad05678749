"""Tests of conformance/subjects/kinds/."""
