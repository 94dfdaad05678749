"""The sentences of the two seed pages, each with the test that holds it."""
