"""Tests of how a subject is found, loaded and kept from changing the judge."""
