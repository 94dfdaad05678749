"""Tests of the project as a whole: imports, README, wheel, a user's project."""
