"""Counts of what makes code hard to read: `python -m tests.project.readability [PATH ...]`.

Without a path it counts in adamref/ and conformance/ and prints one line for each. With `--list` it
names every place. `test_readability.py` holds the counts.
"""

import ast
import io
import sys
import tokenize
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
LONGEST_LINE = 100
LONGEST_FILE = 300
MOST_TOKENS = 8.5
FEWEST_COMMENTS = 0.04
# Scripts for the environments of other libraries, and for other Pythons: no part of the package.
ELSEWHERE = ("survey/bridges", "survey/defects")

# Layout and comments are no tokens of the code.
_LAYOUT = {
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.COMMENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DOCUMENTED = (ast.Module, ast.ClassDef, *_FUNCTIONS)
_BRANCHING = (ast.IfExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
# Names that hold a sentence for people; a program must not ask them what happened.
_MESSAGES = {"reason", "why", "message", "sentence", "diagnosis", "error", "verdict"}

# Members of enumerations; as texts they may be misspelt.
_STATUSES = {"passed", "failed", "errored", "waived", "not asked", "misbehaved"}
# Words that end like participles and are none.
_NOUNS_AND_VERBS = {"embed", "feed", "need", "proceed", "read", "seed", "speed", "succeed"}


class Place(NamedTuple):
    """One thing that a reader stumbles on."""

    path: Path
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"


class Size(NamedTuple):
    """How much code there is.

    Fields:
        tokens: of the code, without docstrings and comments.
        code_lines: the lines that they are on.
        comment_lines: lines with nothing but a comment. lines: all lines.
    """

    tokens: int
    code_lines: int
    comment_lines: int
    lines: int

    @property
    def tokens_per_line(self) -> float:
        return self.tokens / max(1, self.code_lines)

    @property
    def comment_share(self) -> float:
        return self.comment_lines / max(1, self.lines)


def python_files(root: Path) -> list[Path]:
    if root.is_file():
        return [root]
    outside = [root / folder for folder in ELSEWHERE]
    paths = sorted(root.rglob("*.py"))
    return [path for path in paths if not any(map(path.is_relative_to, outside))]


def size(paths: Iterable[Path]) -> Size:
    """Return the size of all files together."""
    sizes = [_size_of(path.read_text(encoding="utf-8")) for path in paths]
    return Size(*map(sum, zip(*sizes, strict=True)))


def _size_of(text: str) -> Size:
    docstrings = _docstring_lines(ast.parse(text))
    tokens = 0
    code_lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in _LAYOUT or token.start[0] in docstrings:
            continue
        tokens += 1
        code_lines.update(range(token.start[0], token.end[0] + 1))
    lines = text.splitlines()
    comments = sum(line.strip().startswith("#") for line in lines)
    return Size(tokens, len(code_lines), comments, len(lines))


def _docstring_lines(tree: ast.Module) -> set[int]:
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            lines.update(range(docstring.lineno, (docstring.end_lineno or 0) + 1))
    return lines


def stumbling_blocks(path: Path) -> Iterator[Place]:
    """Yield every place of one file that breaks a rule."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    lines = text.splitlines()
    if len(lines) > LONGEST_FILE:
        yield Place(path, len(lines), f"file of {len(lines)} lines")
    for number, line in enumerate(lines, 1):
        if len(line) > LONGEST_LINE:
            yield Place(path, number, f"line of {len(line)} characters")
    yield from _crowded_lines(path, tree)
    for node in ast.walk(tree):
        if what := _stumbling_block(node):
            yield Place(path, node.lineno, what)
    yield from _shadows(path, tree)
    yield from _participles(path, tree)


def _participles(path: Path, tree: ast.Module) -> Iterator[Place]:
    """Yield functions whose whole name is a participle, which says neither action nor result."""
    for node in tree.body:
        if isinstance(node, _FUNCTIONS):
            word = node.name.strip("_")
            if word.endswith("ed") and "_" not in word and word not in _NOUNS_AND_VERBS:
                yield Place(path, node.lineno, f"function {node.name!r} is named by a participle")


def _crowded_lines(path: Path, tree: ast.Module) -> Iterator[Place]:
    """Yield lines on which two comprehensions or conditional expressions begin."""
    found: dict[int, int] = defaultdict(int)
    for node in ast.walk(tree):
        if isinstance(node, _BRANCHING):
            found[node.lineno] += 1
    for line, count in found.items():
        if count > 1:
            yield Place(path, line, f"{count} comprehensions or conditionals on a line")


def _stumbling_block(node: ast.AST) -> str:
    """Return the rule that a node breaks, or an empty string."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        if _is_boolean(node.left) or _is_boolean(node.right):
            return "arithmetic on a boolean"
        if _is_text_or_list(node.left) and not isinstance(node.right, ast.Constant):
            return "a list or text times a number that may be a boolean"
    if isinstance(node, ast.Assign) and _is_parallel(node):
        return "parallel assignment"
    if _asks_a_message(node):
        return "asks the text of a message"
    if _is_compared_with_a_status(node):
        return "a status as a text"
    return ""


def _asks_a_message(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return node.func.attr in ("startswith", "endswith") and _is_message(node.func.value)
    if isinstance(node, ast.Compare) and isinstance(node.ops[0], (ast.In, ast.NotIn)):
        is_text = isinstance(node.left, (ast.Constant, ast.JoinedStr))
        return is_text and _is_message(node.comparators[0])
    return False


def _is_compared_with_a_status(node: ast.AST) -> bool:
    if not isinstance(node, ast.Compare):
        return False
    operands = [node.left]
    for operand in node.comparators:
        operands += operand.elts if isinstance(operand, ast.Tuple) else [operand]
    values = [operand.value for operand in operands if isinstance(operand, ast.Constant)]
    return not _STATUSES.isdisjoint(values)


def _is_boolean(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "bool"
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)


def _is_text_or_list(node: ast.expr) -> bool:
    if isinstance(node, ast.List):
        return True
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) > 1


def _is_parallel(node: ast.Assign) -> bool:
    target, value = node.targets[0], node.value
    return isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple)


def _is_message(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in _MESSAGES
    return isinstance(node, ast.Name) and node.id in _MESSAGES


def _shadows(path: Path, tree: ast.Module) -> Iterator[Place]:
    """Yield locals that have the name of a function that their module defines or imports."""
    functions: set[str] = set()
    for node in tree.body:
        if isinstance(node, _FUNCTIONS):
            functions.add(node.name)
        elif isinstance(node, ast.ImportFrom):
            functions.update(alias.asname or alias.name for alias in node.names)
    for function in ast.walk(tree):
        if not isinstance(function, _FUNCTIONS):
            continue
        for name, line in _bound_names(function):
            if name in functions:
                yield Place(path, line, f"local {name!r} shadows a function of its module")


def _bound_names(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, int]]:
    arguments = function.args
    for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield argument.arg, argument.lineno
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno


def repeated_classes(paths: Iterable[Path]) -> dict[str, list[Path]]:
    """Return the names that more than one class has, each with its files."""
    homes: dict[str, list[Path]] = defaultdict(list)
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(path)
    return {name: files for name, files in homes.items() if len(files) > 1}


def main(arguments: list[str]) -> None:
    named = [Path(argument) for argument in arguments if argument != "--list"]
    for root in named or [ROOT / "adamref", ROOT / "conformance"]:
        paths = python_files(root)
        blocks = [place for path in paths for place in stumbling_blocks(path)]
        counts = size(paths)
        print(
            f"{root}: {counts.tokens_per_line:.2f} tokens a line, "
            f"{counts.comment_share:.1%} comment lines, {len(blocks)} stumbling blocks"
        )
        if "--list" in arguments:
            print(*blocks, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
