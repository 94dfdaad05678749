"""Tests of the page that says which Adam somebody has."""
