"""Tests of the package conformance, folder by folder."""
