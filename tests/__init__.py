"""Tests: reference/ mirrors adamref/, judge/ mirrors conformance/. Start with README.md."""
