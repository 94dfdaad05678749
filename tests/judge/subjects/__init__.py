"""Tests of conformance/subject/ and conformance/subjects/."""
