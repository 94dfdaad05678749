"""Tests of the variants: right Adams must be right themselves."""
