"""Generic mutation: the reference with one operator, constant, comparison or variable replaced by a neighbour.

A score that does not depend on what anybody thought of. The package `adamref` is loaded again under another name, with
one place of its source changed; nothing is written to disk.
"""

import ast
import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from copy import deepcopy
from functools import cache
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from .subject import Unsupported

# The rule: module -> its functions. What checks arguments is not the rule.
RULE = {
    "step": ("advance", "_step_rows", "entering", "_largest"),
    "scalars": ("scalars", "_corrected", "_epsilons"),
    "sparse": ("parts", "counted", "summed", "dense", "ignored"),
    "clip": ("clip", "_clip_once", "_factor"),
    "adam": ("step", "_one"),
}
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
        module, line: where. what: `before -> after`.
        at: which of the places of the module it is, and which of its neighbours.
    """

    module: str
    line: int
    what: str
    at: tuple[int, int]

    @property
    def name(self) -> str:
        """File, line and change."""
        return f"{self.module}.py:{self.line} {self.what}"

    def subject(self, convention: str) -> Any:
        """The function that starts a run of the changed reference under a convention."""
        adam = _loaded(self)
        return _maker(adam, convention)


class _Change(ast.NodeTransformer):
    """Counts the places of the rule, and changes one of them."""

    def __init__(self, functions: Sequence[str], at: tuple[int, int] | None = None) -> None:
        self.functions, self.at = functions, at
        self.inside = False
        self.places: list[tuple[ast.AST, list[ast.AST]]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        outside, self.inside = self.inside, self.inside or node.name in self.functions
        node.body = [self.visit(one) for one in node.body]
        self.inside = outside
        return node

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        return node  # what is said is not computed

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        node = super().generic_visit(node)
        neighbours = list(_neighbours(node)) if self.inside else []
        if not neighbours:
            return node
        self.places.append((node, neighbours))
        if self.at is not None and len(self.places) - 1 == self.at[0]:
            return ast.copy_location(neighbours[self.at[1]], node)
        return node


def _neighbours(node: ast.AST) -> Iterator[Any]:
    """What a node might have been by mistake."""
    if isinstance(node, ast.BinOp):
        yield from (_with(node, op=other()) for other in _OPERATORS.get(type(node.op), ()))
    elif isinstance(node, ast.BoolOp):
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
    found = []
    for module, functions in RULE.items():
        change = _Change(functions)
        change.visit(ast.parse((_folder() / f"{module}.py").read_text()))
        for place, (node, neighbours) in enumerate(change.places):
            for turn, other in enumerate(neighbours):
                line, before = getattr(node, "lineno", 0), ast.unparse(node)
                after = ast.unparse(ast.fix_missing_locations(ast.copy_location(other, node)))
                found.append(Mutant(module, line, f"{before} -> {after}", (place, turn)))
    return tuple(found)


def _folder() -> Path:
    spec = importlib.util.find_spec("adamref")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent


class _Loader(SourceFileLoader):
    """Loads a module of the copy; that of the mutant with its place changed."""

    mutant: Mutant

    def get_code(self, fullname: str) -> Any:
        tree = ast.parse(self.get_data(self.path))
        if fullname.rpartition(".")[2] == self.mutant.module:
            tree = _Change(RULE[self.mutant.module], self.mutant.at).visit(tree)
            ast.fix_missing_locations(tree)
        return self.source_to_code(tree, self.path)  # type: ignore[arg-type]


class _Finder:
    """Finds the modules of one copy of the package."""

    def __init__(self, package: str, mutant: Mutant) -> None:
        self.package, self.mutant = package, mutant

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The module of the copy that goes by a name."""
        if fullname.partition(".")[0] != self.package:
            return None
        name = fullname.rpartition(".")[2] if "." in fullname else "__init__"
        file = _folder() / f"{name}.py"
        if not file.exists():
            return PathFinder.find_spec(fullname, path, target)
        loader = _Loader(fullname, str(file))
        loader.mutant = self.mutant
        where = [str(_folder())] if name == "__init__" else None
        return importlib.util.spec_from_file_location(fullname, file, loader=loader, submodule_search_locations=where)


_COPIES = count()


def _loaded(mutant: Mutant) -> Any:
    """The copy of the package with one place changed."""
    package = f"adamref_changed_{next(_COPIES)}"
    finder: Any = _Finder(package, mutant)
    sys.meta_path.insert(0, finder)
    try:
        return importlib.import_module(f"{package}.adam"), importlib.import_module(f"{package}.config")
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] == package]:
            del sys.modules[name]


def _maker(modules: Any, convention: str) -> Any:
    adam, config = modules

    def make(params: Any, learning_rate: float, beta1: float, beta2: float, epsilon: float, **on: Any) -> Any:
        four = {"learning_rate": learning_rate, "beta1": beta1, "beta2": beta2, "epsilon": epsilon}
        try:
            return adam.Adam(params, config.AdamConfig(**four, **on), convention)
        except ValueError as error:
            raise Unsupported(str(error)) from None

    make.convention, make.supports = convention, {"none", "sparse", "float16"}  # type: ignore[attr-defined]
    return make
