"""Programs: the statements of one step, from the numbers that all elements share to what is kept.

They have the operations of `adamref.step` in its order, so that each float is the reference's. Only
operations without effect are left out: a product with 1, a sum with an epsilon that is not there.
"""

from collections.abc import Iterator
from dataclasses import replace

from ...diagnosis.axis_words import words_of
from ...truth.reference import Format
from ...vectors.storage import NATIVE
from .rules import (
    BASE1,
    BASE2,
    BETA1,
    BETA2,
    DECAY,
    EPS,
    EPS_ROOT,
    KEPT,
    LR,
    PARAM,
    SHARED,
    SQUARES,
    STORED,
    V_MAX,
    WEIGHT,
    G,
    M,
    Rules,
    T,
    V,
)
from .tape import NO_NOTE, Note, Statement
from .term import UNIT, Term, TermKind, cut_to, largest, name, root, rounded_to, square

_DOUBLE = "float64"
_OF_FORMAT = {Format.BINARY64: "float64", Format.BINARY32: "float32"}


def shared_numbers(rules: Rules) -> Iterator[Statement]:
    """Yield the numbers that all elements share, each rounded to the dtype of the step."""
    yield _in_wide(rules, "lr", "lr", LR)
    yield _in_wide(rules, "beta1", "beta1", BETA1)
    yield _in_wide(rules, "rest1", "1 - beta1", UNIT - BETA1)
    yield _in_wide(rules, "beta2", "beta2", BETA2)
    yield _in_wide(rules, "rest2", "1 - beta2", UNIT - BETA2)
    # With `inside` epsilon itself stands under the root.
    if not rules.epsilon_root or rules.convention.epsilon != "inside":
        yield _in_wide(rules, "eps", "eps", EPS, rules_of_zero(rules))
    if rules.epsilon_root:
        yield _in_wide(rules, "eps_root", _letters_of_root(rules), EPS_ROOT)
    if rules.adds_l2:
        yield _in_wide(rules, "wd", "weight_decay", DECAY)
    # The last ones change with t.
    yield from _corrections(rules)
    if rules.decays:
        yield _keep(rules)


def rules_of_zero(rules: Rules) -> Note:
    """Return the note on an epsilon of 0 that is replaced."""
    is_zero = rules.config.epsilon == 0
    return rules.note("epsilon_zero") if is_zero and _replaces_zero(rules) else NO_NOTE


def _replaces_zero(rules: Rules) -> bool:
    return rules.convention.epsilon_zero == "default"


def _letters_of_root(rules: Rules) -> str:
    return "eps" if rules.convention.epsilon == "inside" else "eps_root"


def _in_wide(
    rules: Rules,
    key: str,
    letters: str,
    term: Term,
    note: Note = NO_NOTE,
) -> Statement:
    """Return a number as elements use it: computed in float64, then rounded."""
    is_set = term.kind is TermKind.NAME
    return Statement(
        tag=SHARED,
        key=f"{key}.",
        letters=letters,
        term=rounded_to(term, rules.wide),
        dtype=_DOUBLE,
        letters_of_term=letters if is_set else None,
        note=note,
    )


def _corrections(rules: Rules) -> Iterator[Statement]:
    places = zip(("1", "2"), (BASE1, BASE2), rules.corrects, strict=True)
    dtype = _OF_FORMAT.get(rules.arithmetic.correction, rules.wide)
    for number, base, is_on in places:
        if not is_on:
            continue
        letters = f"beta{number}^t"
        power = base**T
        yield _in_double(f"power{number}", letters, power)
        rest = UNIT - name(f"power{number}", letters)
        yield _in_double(f"bias{number}", f"1 - {letters}", rounded_to(rest, dtype))
        if not rules.folds:
            inverse = UNIT / _bias(number)
            yield _in_wide(rules, f"correct{number}", f"1/(1 - {letters})", inverse)
    if rules.folds:
        yield _in_wide(rules, "lr_t", "lr_t", _rate(rules), rules.note("epsilon"))


def _in_double(
    key: str,
    letters: str,
    term: Term,
) -> Statement:
    return Statement(tag=SHARED, key=key, letters=letters, term=term, dtype=_DOUBLE)


def _bias(number: str) -> Term:
    return name(f"bias{number}", f"(1 - beta{number}^t)")


def _rate(rules: Rules) -> Term:
    """Return the learning rate that carries the corrections."""
    first, second = rules.corrects
    rate = LR * root(_bias("2")) if second else LR
    return rate / _bias("1") if first else rate


def _keep(rules: Rules) -> Statement:
    """Return the factor by which decoupled decay shrinks the parameter."""
    # In exact terms: the reference rounds the factor once, at its end.
    scales = {"lr": DECAY * LR, "one": DECAY, "lr_t": DECAY * _rate(rules)}
    scale = rules.convention.decay_scale
    more = "" if scale == "lr" else f", and {words_of('decay_scale', scale)}"
    note = rules.note("weight_decay", suffix=more)
    return _in_wide(rules, "keep", "keep", UNIT - scales[scale], note)


def equations(rules: Rules) -> Iterator[Statement]:
    """Yield E1 to E5 of an element, from its state and its effective gradient."""
    squared = SQUARES if rules.convention.duplicates == "sum_of_squares" else square(G)
    yield _line(rules, "E1", "m", name("beta1.", "beta1") * M + _rest("1") * G)
    yield _line(rules, "E2", "v", name("beta2.", "beta2") * V + _rest("2") * squared)
    yield _correction_of(rules, "E3", "m_hat", M, "1")
    yield from _second_moment(rules)
    yield from _update(rules)


def _rest(number: str) -> Term:
    return name(f"rest{number}.", f"(1 - beta{number})")


def _line(
    rules: Rules,
    tag: str,
    key: str,
    term: Term,
    note: Note = NO_NOTE,
) -> Statement:
    return Statement(tag=tag, key=key, letters=key, term=term, dtype=rules.wide, note=note)


def _correction_of(
    rules: Rules,
    tag: str,
    key: str,
    moment: Term,
    number: str,
) -> Statement:
    """Return E3 or E4: a moment divided by 1 - beta^t, or as it is."""
    is_on = rules.corrects[int(number) - 1]
    if not is_on:
        return _line(rules, tag, key, moment, rules.note_of_correction)
    if rules.folds:
        return _line(rules, tag, key, moment, Note("the correction is in lr_t", is_otherwise=True))
    letters = f"1/(1 - beta{number}^t)"
    # The reference multiplies by the reciprocal; the paper writes the quotient.
    line = _line(rules, tag, key, moment * name(f"correct{number}.", letters))
    return replace(
        line,
        letters_of_term=f"{moment.letters} * ({letters})",
        paper=f"{moment.letters} / (1 - beta{number}^t)",
    )


def _second_moment(rules: Rules) -> Iterator[Statement]:
    """Yield E4, with AMSGrad's maximum."""
    if not rules.config.amsgrad:
        yield _correction_of(rules, "E4", "v_hat", V, "2")
        return
    # The maximum of v is corrected after it is taken; that of v_hat has been corrected.
    note = rules.note("amsgrad", "AMSGrad: ")
    if rules.convention.amsgrad == "max_corrected":
        yield _correction_of(rules, "E4", "v_hat", V, "2")
        yield _line(rules, "E4", "v_max", largest(V_MAX, name("v_hat")), note)
        yield _line(rules, "E4", "v_hat", V_MAX)
    else:
        yield _line(rules, "E4", "v_max", largest(V_MAX, V), note)
        yield _correction_of(rules, "E4", "v_hat", V_MAX, "2")


def _update(rules: Rules) -> Iterator[Statement]:
    """Yield E5: the denominator, the update, and the parameter."""
    # A term of zero is left out: its sum changes nothing.
    under = name("v_hat")
    if rules.epsilon_root:
        under = under + name("eps_root.", _letters_of_root(rules))
    denominator = root(under)
    if rules.convention.epsilon != "inside" and _has_epsilon(rules):
        denominator = denominator + name("eps.", "eps")
    differs = rules.convention.epsilon in ("hat", "inside") or rules.config.epsilon_root != 0
    yield _line(rules, "E5", "d", denominator, rules.note("epsilon") if differs else NO_NOTE)
    rate = name("lr_t.", "lr_t") if rules.folds else name("lr.", "lr")
    yield _line(rules, "E5", "update", rate * name("m_hat") / name("d"))
    yield _parameter(rules)


def _has_epsilon(rules: Rules) -> bool:
    return rules.config.epsilon != 0 or _replaces_zero(rules)


def _parameter(rules: Rules) -> Statement:
    # Decay scales the parameter before the update is subtracted, or what is left after it.
    update = name("update")
    if not rules.decays:
        return _line(rules, "E5", "param", PARAM - update)
    keep = name("keep.", "keep")
    # The paper has no decay at all.
    note = rules.note("decay_when")._replace(is_otherwise=True)
    if rules.convention.decay_when == "before":
        return _line(rules, "E5", "param", keep * PARAM - update, note)
    return _line(rules, "E5", "param", keep * (PARAM - update), note)


def weight(rules: Rules) -> Iterator[Statement]:
    """Yield the weight from which a step of half precision starts."""
    storage = rules.storage
    if storage is None:
        return
    note = f"weights={storage.weights}"
    stored = name("stored", "param")
    if storage.weights in ("master", "split"):
        yield _keeping(rules, "param", "weight", KEPT, f"{note}: a float32 weight is kept")
    elif storage.weights == "compensated":
        lost = f"{note}: what rounding lost is added again"
        yield _keeping(rules, "param", "weight", stored + KEPT, lost)
    else:
        yield _keeping(rules, "param", "weight", stored, f"{note}: the stored parameter")


def storing(rules: Rules) -> Iterator[Statement]:
    """Yield what is kept of a step of half precision."""
    storage = rules.storage
    if storage is None:
        return
    for key, form in (("m", storage.m), ("v", storage.v), ("v_max", storage.v)):
        if form == NATIVE and (key != "v_max" or rules.config.amsgrad):
            yield _keeping(rules, key, key, rounded_to(name(key), rules.dtype), f"{key}=T")
    if storage.weights == "split":
        note = "weights=split: the upper 16 bits"
        yield _keeping(rules, "stored", "param", cut_to(WEIGHT, rules.dtype), note)
        return
    rounded = rounded_to(WEIGHT, rules.dtype)
    yield _keeping(rules, "stored", "param", rounded, f"rounded to {rules.dtype}")
    if storage.weights == "master":
        yield _keeping(rules, "kept", "kept", WEIGHT, "weights=master: the weight itself is kept")
    elif storage.weights == "compensated":
        lost = WEIGHT - rounded_to(name("stored", "param"), rules.wide)
        note = "weights=compensated: what rounding lost is kept"
        yield _keeping(rules, "kept", "kept", rounded_to(lost, rules.dtype), note)


def _keeping(
    rules: Rules,
    key: str,
    letters: str,
    term: Term,
    note: str,
) -> Statement:
    return Statement(
        tag=STORED,
        key=key,
        letters=letters,
        term=term,
        dtype=rules.wide,
        note=Note(note),
    )
