"""Tests of the package adamref, folder by folder. Tests of a module at the top of adamref/ stand here."""
