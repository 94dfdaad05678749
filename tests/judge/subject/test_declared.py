"""What a subject declares about itself: a value that it cannot have is a sentence and no crash."""

import functools
import re
from itertools import count

import pytest

from conformance import check
from conformance.subject.loading import load, origin
from conformance.subject.subject import SubjectError, from_make
from tests.support.subjects import right


class Raising:
    """It raises whatever is done with it."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __eq__ = __hash__ = __bool__ = __iter__ = __len__ = __str__


def declaring(**attributes):
    def make(params, *numbers):
        return right(params, *numbers)

    vars(make).update(attributes)
    return make


def property_of(name, error=GeneratorExit):
    """A callable object with an attribute that raises when it is read."""

    class Make:
        def __call__(self, params, *numbers):
            return right(params, *numbers)

        def __getattribute__(self, asked):
            if asked == name:
                raise error("not today")
            return super().__getattribute__(asked)

    return Make()


NO_SUBJECTS = {
    "a number for a convention": (declaring(convention=3), "convention .* must be a name, got 3"),
    "an object for a convention": (
        declaring(convention=Raising()),
        "convention of make must be a name, got a value that cannot be shown",
    ),
    "a version without text": (declaring(version=Raising()), "subject make: RuntimeError: no text"),
    "a device without text": (declaring(device=Raising()), "subject make: RuntimeError: no text"),
    "endless words": (declaring(supports=count()), r"supports .* must be a set, .* got count\(0\)"),
    "a dictionary": (declaring(supports={"none": 1}), r"must be a set, .* got \{'none': 1\}"),
    "no words": (declaring(supports=None), "supports .* must be a set, .* got None"),
    "an object for words": (declaring(supports=Raising()), "got a value that cannot be shown"),
    "a number for a word": (
        declaring(supports={3}),
        "must be out of 'bfloat16', 'complex', .*, got 3",
    ),
    "a word for words": (
        declaring(refuses="shape"),
        r"refuses .* such as \{'shape'\}, got 'shape'",
    ),
    "an unknown word": (declaring(refuses={"size"}), "refuses of make must be out of 'count', .*"),
    "words that cannot be hashed": (declaring(supports=[["none"]]), r"got \['none'\]"),
    "a property": (property_of("supports"), "GeneratorExit: not today"),
    "another property": (property_of("convention", KeyboardInterrupt), "KeyboardInterrupt: not"),
    "nothing to call": (Raising(), "subject a value that cannot be shown must be a function"),
}


@pytest.mark.parametrize("what", NO_SUBJECTS)
def test_a_wrong_declaration_is_an_error_of_the_subject(what):
    make, message = NO_SUBJECTS[what]
    with pytest.raises(SubjectError, match=message):
        from_make(make)


def test_a_list_that_never_ends_is_not_read_to_the_end():
    class Endless(list):
        def __iter__(self):
            while True:
                yield "none"

    assert from_make(declaring(supports=Endless())).supports == {"none"}


@pytest.mark.parametrize("name", ["__name__", "__module__", "__qualname__", "__signature__"])
def test_what_a_function_cannot_say_of_itself_does_not_matter(name, suite):
    make = property_of(name)
    assert check(make, suite=suite, only="basic.f32.mixed").conformant
    assert origin(from_make(make)) == ("", "make")


def test_names_of_another_kind_are_no_names():
    for name in (3, None, Raising()):
        make = functools.partial(right)
        make.__name__ = name
        assert from_make(make).name


def test_a_signature_that_raises_hides_no_switch_from_other_commands(suite):
    make = from_make(property_of("__signature__"))
    assert make.lacks(["amsgrad"]) is make.mismatch(5, []) is None


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise BaseException('bare')", "importing hostile failed: BaseException: bare"),
        ("raise KeyboardInterrupt", "importing hostile failed: KeyboardInterrupt: no message"),
        ("raise GeneratorExit", "importing hostile failed: GeneratorExit: no message"),
        ("def __getattr__(name): raise SystemExit(name)", "hostile: SystemExit: make|SystemExit"),
        ("def __dir__(): return [3, 'maker']", "make: TypeError: '<' not"),
        ("maker = 3", "hostile has no 'make'; did you mean maker"),
        ("def __dir__(): raise BaseException('no names')", "BaseException: no names"),
        (
            "class E(Exception):\n  def __str__(self): return 3\nraise E",
            "importing hostile failed: E: its message cannot be read",
        ),
    ],
)
def test_a_module_that_raises_anything_is_a_subject_that_cannot_be_loaded(
    code, message, tmp_path, monkeypatch
):
    (tmp_path / "hostile.py").write_text(code)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "hostile", raising=False)
    with pytest.raises(SubjectError) as raised:
        load("hostile:make")
    assert re.search(message, str(raised.value))
