"""Tests of the pictures, and of the numbers that they show."""
