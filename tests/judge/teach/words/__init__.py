"""Tests of what teaches Adam."""
