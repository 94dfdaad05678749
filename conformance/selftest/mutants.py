"""Generic mutation: the reference with one operator, constant, comparison or variable replaced by a neighbour.

A score that does not depend on what anybody thought of. The package `adamref` is loaded again under another name, with
one place of its source changed; nothing is written to disk.
"""

import ast
import importlib
import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from functools import cache, lru_cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from ..subject.subject import Unsupported, from_make
from ..trial.compare import compare
from ..trial.run import run
from ..truth.axes import point_of
from ..truth.reference import CONVENTIONS
from ..vectors.suite import Suite
from ..vectors.vector import answers_under

# The rule: module -> its functions. What checks arguments is not the rule.
RULE = {
    "step": ("advance", "_step_rows", "entering", "_largest"),
    "scalars": ("scalars", "moving", "choices", "corrects", "_epsilons"),
    "sparse": ("parts", "counted", "summed", "dense", "ignored"),
    "clip": ("clip", "_clip_once", "_factor"),
    "adam": ("step", "_moved", "_idle"),
}
# Beside the named conventions: values that none of them has.
_BEYOND: tuple[tuple[str, dict[str, str]], ...] = (
    ("paper", {"epsilon": "inside"}),
    ("paper", {"bias_correction": "first", "amsgrad_bias_correction": "first"}),
    ("paper", {"bias_correction": "second", "amsgrad_bias_correction": "second"}),
    ("torch-adamw", {"decay_scale": "lr_t"}),
    ("torch-adamw", {"decay_scale": "one", "decay_when": "after"}),
    ("torch", {"none_gradient": "skip_but_count"}),
    ("paper", {"empty_sparse": "ignored"}),
    ("paper", {"step_scope": "parameter", "sparse": "lazy_row_t"}),
    ("keras3", {"duplicates": "sum_of_squares"}),
    ("tfkeras", {"clip_law": "plus_1e-6"}),
    ("tfkeras", {"clip_duplicates": "after_sum"}),
    ("tfkeras", {"clip_order": "norm_value_global"}),
)
_OPERATORS: dict[type, tuple[type, ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Gt: (ast.GtE,),
    ast.LtE: (ast.Lt,),
}
# A name, or the last part of one, and those that stand beside it and might be taken for it.
_NAMES = {
    "beta1": ("beta2", "beta1_rest"),
    "beta2": ("beta1", "beta2_rest"),
    "beta1_rest": ("beta2_rest", "beta1"),
    "beta2_rest": ("beta1_rest", "beta2"),
    "bias1": ("bias2",),
    "bias2": ("bias1",),
    "m": ("v",),
    "v": ("m", "v_hat"),
    "m_hat": ("m",),
    "v_hat": ("v",),
    "v_max": ("v",),
    "epsilon": ("epsilon_root",),
    "epsilon_root": ("epsilon",),
    "keep_before": ("keep_after",),
    "keep_after": ("keep_before",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "grad": ("param",),
    "to_rest": ("to_power",),
    "to_power": ("to_rest",),
    "to_lr": ("to_epsilon",),
    "lr_t": ("lr",),
    "inside": ("outside",),
    "outside": ("inside",),
}


class Mutant(NamedTuple):
    """One changed place.

    Fields:
        name: module, function and change, with a number where a function has the same change more than once.
        module: of the place. at: which of its places it is, and which of its neighbours.
    """

    name: str
    module: str
    at: tuple[int, int]

    def subject(self, axes: Mapping[str, str], code: str) -> Any:
        """The function that starts a run of the changed reference at a point of the axes."""
        return _maker(_loaded(self), axes, code)


class _Change(ast.NodeTransformer):
    """Collects the places of the rule, and changes one of them."""

    def __init__(self, functions: Sequence[str], at: tuple[int, int] | None = None) -> None:
        self.functions, self.at = functions, at
        self.function = ""
        self.places: list[tuple[str, ast.AST, list[ast.AST]]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Only what a function of the rule does: not its arguments, nor what it returns in words."""
        outside, self.function = (
            self.function,
            node.name if node.name in self.functions else self.function,
        )
        node.body = [self.visit(one) for one in node.body]
        self.function = outside
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        """What is refused is not the rule."""
        refuses = all(isinstance(one, (ast.Raise, ast.Assign)) for one in node.body) and any(
            isinstance(one, ast.Raise) for one in node.body
        )
        return node if refuses else self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """As `visit_If`."""
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """Whether two lists must have one length is not the rule either."""
        return node if node.arg == "strict" else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """A value, not its type."""
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Each node after those inside it."""
        node = super().generic_visit(node)
        neighbours = list(_neighbours(node)) if self.function else []
        if not neighbours:
            return node
        self.places.append((self.function, node, neighbours))
        if self.at is not None and len(self.places) - 1 == self.at[0]:
            changed: ast.AST = ast.copy_location(neighbours[self.at[1]], node)
            return changed
        return node


def _neighbours(node: ast.AST) -> Iterator[Any]:
    """What a node might have been by mistake."""
    if isinstance(node, (ast.BinOp, ast.BoolOp)):
        yield from (_with(node, op=other()) for other in _OPERATORS.get(type(node.op), ()))
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield from (_with(node, ops=[other()]) for other in _OPERATORS.get(type(node.ops[0]), ()))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield deepcopy(node.operand)
    elif isinstance(node, ast.Constant) and isinstance(node.value, (int, float)):
        yield ast.Constant(not node.value if isinstance(node.value, bool) else node.value + 1)
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        yield from (_with(node, id=other) for other in _NAMES.get(node.id, ()))
    elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
        yield from (_with(node, attr=other) for other in _NAMES.get(node.attr, ()))


def _with(node: Any, **fields: Any) -> Any:
    changed = deepcopy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return changed


@cache
def mutants() -> tuple[Mutant, ...]:
    """Every place of the rule with every neighbour."""
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for module, functions in RULE.items():
        change = _Change(functions)
        change.visit(ast.parse((_folder() / f"{module}.py").read_text()))
        for place, (function, node, neighbours) in enumerate(change.places):
            for turn, other in enumerate(neighbours):
                after = ast.unparse(ast.fix_missing_locations(ast.copy_location(other, node)))
                name = f"{module}.{function}: {ast.unparse(node)} -> {after}"
                seen[name] += 1
                numbered = name if seen[name] == 1 else f"{name} ({seen[name]})"
                found.append(Mutant(numbered, module, (place, turn)))
    return tuple(found)


def points() -> dict[str, tuple[dict[str, str], str]]:
    """Where mutants are tried, axes and arithmetic: named conventions, and points with values that none of them has."""
    named = {
        name: (point_of(one.convention), one.arithmetics[0]) for name, one in CONVENTIONS.items()
    }
    for base, values in _BEYOND:
        axes, code = named[base]
        name = f"{base} with {' and '.join(f'{axis} = {value}' for axis, value in values.items())}"
        named[name] = (axes | values, code)
    return named


def killer(mutant: Mutant, suite: Suite) -> str | None:
    """The vector on which a mutant fails, and where, or None. What has the same answers is tried at one point alone."""
    core = [one for one in suite.vectors if one.level == "core"]
    smallest = [one for one in core if one.topic == "found" and one.dtype == "float32"]
    tried: set[tuple[int, ...]] = set()
    for vectors in (smallest, core):
        for name, (axes, code) in points().items():
            subject = from_make(mutant.subject(axes, code))
            for vector in vectors:
                answers = answers_under(vector, axes, code)
                key = tuple(map(id, answers))
                if not answers or key in tried:
                    continue
                tried.add(key)
                if compare(run(subject, vector), answers).status in ("failed", "errored"):
                    return f"{vector.id} as {name}"
    return None


# Those that nothing can tell, and why; the tests run them beside the reference.
EQUIVALENT = {
    "adam.step: state.m -> state.v": "both have one dtype",
    "step._step_rows: grad -> param": "Adam.step takes out what is ignored before",
    "clip._clip_once: g is None or s is None -> g is None and s is None": "both are None together",
}


def _folder() -> Path:
    spec = importlib.util.find_spec("adamref")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


class _Loader(SourceFileLoader):
    """Loads a module of the copy; that of the mutant with its place changed."""

    mutant: Mutant

    def get_code(self, fullname: str) -> Any:
        tree = ast.parse(self.get_data(self.path))
        if fullname.partition(".")[2] == self.mutant.module:
            tree = _Change(RULE[self.mutant.module], self.mutant.at).visit(tree)
            ast.fix_missing_locations(tree)
        return self.source_to_code(tree, self.path)


class _Finder:
    """Finds the modules of one copy of the package."""

    def __init__(self, package: str, mutant: Mutant) -> None:
        self.package, self.mutant = package, mutant

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The module of the copy that goes by a name."""
        package, *inside = fullname.split(".")
        if package != self.package:
            return None
        place = _folder().joinpath(*inside)
        file = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
        if not file.exists():
            return PathFinder.find_spec(fullname, path, target)
        loader = _Loader(fullname, str(file))
        loader.mutant = self.mutant
        where = [str(place)] if place.is_dir() else None
        return importlib.util.spec_from_file_location(
            fullname, file, loader=loader, submodule_search_locations=where
        )


_COPIES = count()


@lru_cache(maxsize=1)
def _loaded(mutant: Mutant) -> Any:
    """The copy of the package with one place changed."""
    package = f"adamref_changed_{next(_COPIES)}"
    finder: Any = _Finder(package, mutant)
    sys.meta_path.insert(0, finder)
    try:
        return tuple(
            importlib.import_module(f"{package}.{name}")
            for name in ("adam", "config", "convention")
        )
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def _maker(modules: Any, axes: Mapping[str, str], code: str) -> Any:
    adam, config, convention = modules

    def make(
        params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float, **on: Any
    ) -> Any:
        four = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
        point = convention.Convention(**axes), convention.Arithmetic.parse(code)
        try:
            return adam.Adam(params, config.AdamConfig(**four, **on), *point)
        except ValueError as error:
            raise Unsupported(str(error)) from None

    make.supports = {"none", "sparse", "float16"}  # type: ignore[attr-defined]
    return make
