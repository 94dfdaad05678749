"""Tests of campaigns: several subjects, on workers, with an end in the middle."""
