"""Tests of conformance/waivers/."""
