"""Recipes of options that leave the formulas alone: what a call is, and whose numbers it has."""
