"""Arguments: what an optimizer class calls Adam's numbers and switches, by its signature."""

import inspect
from difflib import get_close_matches

from ...subject.subject import SubjectError, signature_of
from ...vectors.switches import ACCUMULATION, HYPERPARAMETERS, LIMITS, NUMBERS

# Ours -> the names that libraries have for it.
_NAMES = {
    "learning_rate": ("learning_rate", "lr", "step_size"),
    "beta1": ("beta1", "beta_1", "b1"),
    "beta2": ("beta2", "beta_2", "b2"),
    "epsilon": ("epsilon", "eps"),
    "weight_decay": ("weight_decay", "wd"),
    "amsgrad": ("amsgrad",),
    "maximize": ("maximize",),
    "epsilon_root": ("epsilon_root", "eps_root"),
    **{limit: (limit,) for limit in LIMITS},
    ACCUMULATION: (ACCUMULATION,),
}
# One argument for both.
_BETAS = "betas"
_PAIR = ("beta1", "beta2")
# The values with which a switch changes nothing.
_OFF = (None, False, 0)
# Of these 0 is a value like others.
_NONE_IS_OFF = (*LIMITS, ACCUMULATION)
# A longer default is no help on the screen.
_LONGEST_DEFAULT = 30


class Arguments:
    """The arguments of an optimizer class or of a function that makes an optimizer.

    Fields:
        names: ours -> the name of its argument; both betas may have one name.
        settings: argument -> the value that it has in all runs.
        kept: argument -> its default, of those that no vector sets.
        missing: those of Adam's four numbers that it has no argument for.
    """

    def __init__(self, factory, settings, given=(), accepted=()):
        """Read a signature.

        Args:
            factory: the class or function.
            settings: values that the user has chosen for arguments of it.
            given: arguments that the adapter sets itself.
            accepted: further arguments, which it takes though its signature does not name them.

        Raises:
            SubjectError: it has an argument that nobody could set, a setting is not one of its
                arguments or is one that vectors set, or it is no Adam: it has no betas.
        """
        parameters = _parameters_of(factory)
        for name in accepted:
            parameters.setdefault(name, inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY))
        self.names = _names_among(parameters)
        self.settings = dict(settings)
        self.defaults = {name: parameter.default for name, parameter in parameters.items()}
        free = parameters.keys() - self.names.values() - set(given)
        _check_settings(settings, parameters, self.names, free)
        self.missing = [number for number in HYPERPARAMETERS if number not in self.names]
        listed = ", ".join(name for name in parameters if name not in given)
        if not self.names.keys() & set(_PAIR):
            raise SubjectError(
                f"it is no Adam: its signature has no beta1 and beta2, but {listed or 'nothing'}; "
                "an Adam in which they are constants needs a function of its own around it: "
                "`adamref init python` writes one, and --config states the constants"
            )
        self.kept = {}
        for name in parameters:
            if name in free and name not in settings:
                self.kept[name] = self.defaults[name]
        for name, default in self.kept.items():
            if default is inspect.Parameter.empty:
                raise SubjectError(
                    f"its argument {name} has no default, and is none of Adam's; set it in "
                    f"parentheses behind the name, as ({name}=1), or with functools.partial in "
                    "Python"
                )

    @property
    def switches(self):
        """Names of the switches that it takes, ours."""
        return [name for name in self.names if name not in HYPERPARAMETERS]

    def values(self, numbers, switches):
        """Return the arguments for a run: Adam's four numbers, and the switches that are on.

        A switch that a vector does not turn on is off, whatever the class has as its default.
        """
        ours = dict(zip(HYPERPARAMETERS, numbers, strict=True))
        for name in self.switches:
            default = self.defaults[self.names[name]]
            if default not in (*_OFF, inspect.Parameter.empty):
                ours[name] = None if name in _NONE_IS_OFF else type(default)(0)
        ours.update(switches)
        return self.settings | self.translate(ours)

    def translate(self, ours):
        """Return our numbers and switches under the names of the class; a pair has both betas."""
        theirs = {}
        for name, value in ours.items():
            if name in self.names and self.names[name] != _BETAS:
                theirs[self.names[name]] = value
        if self.names.get("beta1") == _BETAS and "beta1" in ours:
            theirs[_BETAS] = (ours["beta1"], ours["beta2"])
        return theirs

    def signature(self, *more):
        """Return the signature of the function that starts a run; ``more``: other switches."""
        positional = inspect.Parameter.POSITIONAL_OR_KEYWORD
        parameters = [inspect.Parameter(name, positional) for name in ("params", *HYPERPARAMETERS)]
        for name in (*self.switches, *more):
            keyword = inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None)
            parameters.append(keyword)
        return inspect.Signature(parameters)

    def sentences(self):
        """Return what could not be mapped, for people."""
        said = []
        if self.missing:
            said.append(
                f"it has no argument for {' and '.join(self.missing)}: if that is a constant in "
                "it, state it with --config"
            )
        if self.kept:
            defaults = [f"{name}={_shown(value)}" for name, value in self.kept.items()]
            said.append(
                f"not Adam's, and left at their defaults: {', '.join(defaults)}; other values are "
                "set in parentheses behind the name, as (NAME=VALUE)"
            )
        return said


def _parameters_of(factory):
    """Return name -> parameter; what **kwargs of a subclass pass on is looked for in its base."""
    found = {}
    for constructor in _constructors(factory):
        signature = signature_of(constructor)
        if signature is None:
            raise SubjectError("its signature cannot be read, and so its arguments are not known")
        parameters = list(signature.parameters.values())
        for parameter in parameters:
            if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
                found.setdefault(parameter.name, parameter)
        if all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters):
            break
    found.pop("self", None)
    return found


def _constructors(factory):
    if not isinstance(factory, type):
        return [factory]
    bases = [base for base in factory.__mro__ if base is not object]
    return [base.__init__ for base in bases if "__init__" in vars(base)]


def _names_among(parameters):
    names = {}
    for ours, theirs in _NAMES.items():
        for name in theirs:
            if name in parameters:
                names.setdefault(ours, name)
    pair = parameters.get(_BETAS)
    # An optimizer with three betas is another.
    if pair is not None and _has_two(pair.default):
        names |= dict.fromkeys(_PAIR, _BETAS)
    return names


def _has_two(default):
    return not isinstance(default, (tuple, list)) or len(default) == len(_PAIR)


def _check_settings(settings, parameters, names, free):
    for setting in settings:
        if setting in names.values():
            [ours, *_] = [one for one, theirs in names.items() if theirs == setting]
            hint = f"; to judge one value, --config {ours}=NUMBER" if ours in NUMBERS else ""
            raise SubjectError(f"{setting} must not be set: each vector has its own {ours}{hint}")
        if setting not in free:
            close = get_close_matches(setting, free, 1)
            hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(sorted(free))}"
            raise SubjectError(f"{setting} must be an argument of it that no vector sets; {hint}")


def _shown(value):
    text = " ".join(repr(value).split())
    return text if len(text) <= _LONGEST_DEFAULT else "..."
