"""Tests: reference/ mirrors adamref/, judge/ mirrors conformance/. README.md says where a new test goes."""
