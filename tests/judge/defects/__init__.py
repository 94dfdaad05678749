"""Tests of conformance/defects/: the suite rejects all of them and accepts all of conformance/variants/."""
