"""Mutants: our reference with one operator, constant, comparison or name replaced by a neighbour.

They give a score that does not depend on the mistakes that somebody thought of. For example, one
mutant squares the gradient wrongly: `step.advance: g * g -> g + g`. `changed_copy`
loads adamref with one such place changed; `killing` looks for a vector that notices the change.
"""

import ast
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

# Module of adamref -> its functions that are Adam's rule. Functions that check arguments are not.
RULE = {
    "step": ("advance", "_step_rows", "objective_gradient", "_amsgrad"),
    "scalars": ("scalars", "step_dependent", "placement_of", "corrected_moments", "epsilons"),
    "sparse": ("rows_by_t", "steps_after", "without_ignored", "is_ignored"),
    "gradients.indexed_slices": ("as_dense", "sum_duplicates"),
    "gradients.conversion": ("unscale", "_quotient"),
    "clip": ("clip", "_kinds", "_clip_by", "_sum_of_squares", "_clip_values", "_rescale"),
    "adam": ("step", "_accept", "_update", "_step_all"),
    "state": ("skip",),
}
# Operator -> the operators that a programmer might have written instead.
_OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
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
    # The edge of an interval.
    ast.Gt: (ast.GtE,),
    ast.LtE: (ast.Lt,),
}
# A name, or the attribute after a dot -> names that a programmer might have written instead.
NAMES = {
    "beta1": ("beta2", "one_minus_beta1"),
    "beta2": ("beta1", "one_minus_beta2"),
    "one_minus_beta1": ("one_minus_beta2", "beta1"),
    "one_minus_beta2": ("one_minus_beta1", "beta2"),
    "bias_correction1": ("bias_correction2",),
    "bias_correction2": ("bias_correction1",),
    "beta1_power": ("beta2_power",),
    "beta2_power": ("beta1_power",),
    "first": ("second",),
    "second": ("first",),
    "m": ("v",),
    "v": ("m", "v_hat"),
    "m_hat": ("m",),
    "v_hat": ("v",),
    "v_max": ("v",),
    "epsilon": ("epsilon_root",),
    "epsilon_root": ("epsilon",),
    "decay_factor_before": ("decay_factor_after",),
    "decay_factor_after": ("decay_factor_before",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "g": ("param",),
    "grad": ("param",),
    "to_moment_beta": ("to_power_beta",),
    "to_power_beta": ("to_moment_beta",),
    "to_learning_rate": ("to_epsilon",),
    "lr_t": ("lr",),
}
# Mutants that no vector can reject, and why. The tests compare them with the reference bit for bit.
EQUIVALENT = {
    "step._step_rows: grad -> param": "Adam.step takes out what is ignored before",
}


class Mutant(NamedTuple):
    """One changed place of the reference.

    Fields:
        name: module, function and change, with a number where a function has a change twice.
        module: the module of the place.
        place: the number of the place among all places of its module.
        neighbour: the number of the replacement among the neighbours of the place.
    """

    name: str
    module: str
    place: int
    neighbour: int


class Place(NamedTuple):
    """A node of the rule, and what may stand there instead."""

    function: str
    node: ast.AST
    neighbours: list[ast.AST]


class PlaceChanger(ast.NodeTransformer):
    """Collects the places of a module, and replaces one of them by a neighbour.

    Args:
        functions: the functions in which there are places.
        mutant: the change to make; None changes nothing.
    """

    def __init__(
        self,
        functions: Sequence[str],
        mutant: Mutant | None = None,
    ) -> None:
        self.functions = functions
        self.mutant = mutant
        self.function = ""  # the function of the rule that is being visited
        self.places: list[Place] = []

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Visit the body alone: arguments and annotations are no part of the rule."""
        outer = self.function
        if node.name in self.functions:
            self.function = node.name
        node.body = [self.visit(statement) for statement in node.body]
        self.function = outer
        return node

    def visit_If(self, node: ast.If) -> ast.AST:
        """Skip a condition that only refuses an argument: it is no part of the rule."""
        raises = any(isinstance(statement, ast.Raise) for statement in node.body)
        # An assignment before the raise prepares the message.
        only = all(isinstance(statement, (ast.Raise, ast.Assign)) for statement in node.body)
        return node if raises and only else self.generic_visit(node)

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        """Skip assertions: they only tell the type checker what is true."""
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.AST:
        """Skip `strict=True` of zip: it checks lengths."""
        return node if node.arg == "strict" else self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        """Visit the value alone: a type computes nothing."""
        if node.value is not None:
            node.value = self.visit(node.value)
        return node

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Visit what is inside a node first, then count the node itself as a place."""
        node = super().generic_visit(node)
        neighbours = neighbours_of(node) if self.function else []
        if not neighbours:
            return node
        number = len(self.places)
        self.places.append(Place(self.function, node, neighbours))
        if self.mutant is None or self.mutant.place != number:
            return node
        changed: ast.AST = ast.copy_location(neighbours[self.mutant.neighbour], node)
        return changed


def neighbours_of(node: ast.AST) -> list[ast.AST]:
    """Return the nodes that a programmer might have written instead by mistake."""
    match node:
        case ast.BinOp() | ast.BoolOp():
            return _with_each(node, "op", _other_operators(node.op))
        case ast.Compare(ops=[operator]):
            # Python allows a chain of comparisons; only a single one has neighbours.
            operators = _other_operators(operator)
            return _with_each(node, "ops", [[other] for other in operators])
        case ast.UnaryOp(op=ast.USub() | ast.Not()):
            return [deepcopy(node.operand)]
        # A bool is an int: it must come first.
        case ast.Constant(value=bool()):
            return [ast.Constant(not node.value)]
        case ast.Constant(value=int() | float() as number):
            return [ast.Constant(number + 1)]
        # Loaded names only: a mutant may not bind another variable.
        case ast.Name(ctx=ast.Load()):
            return _with_each(node, "id", NAMES.get(node.id, ()))
        case ast.Attribute(ctx=ast.Load()):
            return _with_each(node, "attr", NAMES.get(node.attr, ()))
    return []


def _other_operators(operator: ast.AST) -> list[ast.AST]:
    kinds = _OPERATORS.get(type(operator), ())
    return [kind() for kind in kinds]


def _with_each(node: ast.AST, field: str, values: Sequence[Any]) -> list[ast.AST]:
    """Return a copy of a node for each value of a field."""
    copies = []
    for value in values:
        changed = deepcopy(node)
        setattr(changed, field, value)
        copies.append(changed)
    return copies


@cache
def mutants() -> tuple[Mutant, ...]:
    """Return every place of the rule with each of its neighbours."""
    found: list[Mutant] = []
    seen: Counter[str] = Counter()
    for module, functions in RULE.items():
        for number, place in enumerate(_places(module, functions)):
            for turn, neighbour in enumerate(place.neighbours):
                name = _name(module, place, neighbour)
                # The same change may be possible in two places of a function.
                seen[name] += 1
                if seen[name] > 1:
                    name = f"{name} ({seen[name]})"
                found.append(Mutant(name, module, number, turn))
    return tuple(found)


def _places(module: str, functions: Sequence[str]) -> list[Place]:
    changer = PlaceChanger(functions)
    file = file_of_reference(module)
    changer.visit(ast.parse(file.read_text()))
    return changer.places


def _name(module: str, place: Place, neighbour: ast.AST) -> str:
    # A new node has no line numbers, without which it cannot be printed.
    ast.copy_location(neighbour, place.node)
    ast.fix_missing_locations(neighbour)
    before = ast.unparse(place.node)
    after = ast.unparse(neighbour)
    return f"{module}.{place.function}: {before} -> {after}"


def file_of_reference(module: str) -> Path:
    """Return the file of a module of adamref."""
    return folder_of_reference().joinpath(*module.split(".")).with_suffix(".py")


def folder_of_reference() -> Path:
    """Return the folder of the package adamref."""
    spec = find_spec("adamref")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent
