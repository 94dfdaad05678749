"""Tests of the package adamref, folder by folder; of the modules at its top, here."""
