import pytest

from conformance import vectors


@pytest.fixture(scope="session")
def suite() -> vectors.Suite:
    return vectors.load()
