"""Tests of the survey: its rows, what is made of them, and the results that are kept."""
