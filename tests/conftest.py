import pytest

from conformance import vector_files, vectors


@pytest.fixture(scope="session")
def suite() -> vectors.Suite:
    return vector_files.load()
