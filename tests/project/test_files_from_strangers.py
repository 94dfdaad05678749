"""Files from strangers: whatever they hold, they are read or refused by an error of ours."""

import os

import pytest

from tests.support.strange_files.answers_files import ANSWERS_FILES
from tests.support.strange_files.checkpoints import CHECKPOINTS
from tests.support.strange_files.loaders import run
from tests.support.strange_files.options import OPTIONS
from tests.support.strange_files.progress_files import PROGRESS_FILES
from tests.support.strange_files.reports import REPORTS
from tests.support.strange_files.vector_folders import VECTOR_FOLDERS
from tests.support.strange_files.waivers_files import WAIVERS_FILES

LOADERS = [
    VECTOR_FOLDERS,
    WAIVERS_FILES,
    REPORTS,
    *CHECKPOINTS,
    *ANSWERS_FILES,
    OPTIONS,
    PROGRESS_FILES,
]
# In all; shared out among the loaders.
INPUTS = int(os.environ.get("ADAMREF_FUZZ_INPUTS", "100000"))
SEED = int(os.environ.get("ADAMREF_FUZZ_SEED", "1"))


@pytest.mark.parametrize("loader", LOADERS, ids=lambda loader: loader.name)
def test_every_file_is_read_or_refused_by_an_error_of_ours(loader, tmp_path):
    total = sum(one.share for one in LOADERS)
    count = INPUTS * loader.share // total
    outcome = run(loader, tmp_path, count, SEED)
    # Neither is everything refused before its content is looked at, nor anything accepted.
    least, most = loader.refused
    assert least * count < outcome.refused < most * count, outcome
