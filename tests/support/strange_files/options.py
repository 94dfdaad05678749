"""Texts of the options --config and --storage with anything changed."""

from conformance.judge.selection import UsageError, read_numbers
from conformance.vectors.storage import read_storage

from .loaders import Loader
from .mutations import mutated_file

CONFIGS = (b"beta2=.95,epsilon=1e-6", b"learning_rate=0.01", b"beta1=0,beta2=0,epsilon=0")
STORAGES = (b"weights=master,m=float32", b"weights=compensated,m=T,v=T,operations=float32")


def write(_prepared, _folder, random):
    # No file: the text itself is what is read.
    return mutated_file(random.choice((*CONFIGS, *STORAGES)), random).decode("utf-8", "replace")


def read(_prepared, text):
    if "weights" not in text:
        return read_numbers(text, "--config")
    try:
        return read_storage({"bfloat16": text})
    except ValueError as error:
        raise UsageError(str(error)) from None


OPTIONS = Loader(
    name="text of an option",
    prepare=lambda _folder: None,
    write=write,
    read=read,
    error=UsageError,
    use=lambda _prepared, _read: None,
    share=550,
    used=1,
    refused=(0.3, 0.99),
)
