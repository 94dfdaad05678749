"""Waivers and texts of waivers files, for an Adam that is wrong with AMSGrad alone."""

from conformance.vectors import files
from conformance.waivers.waiver import Waiver

BASIC = '[[waiver]]\nid = "basic.f32.mixed"\nfailure = "E5"\nreason = "known"\n'


WAIVERS = """
[[waiver]]
id = "basic.*.mixed"
failure = "E5"
reason = "epsilon is inside"
{more}
"""


def waivers(pytester, more=""):
    (pytester.path / "waivers.toml").write_text(WAIVERS.replace("{more}", more))


# The vectors in which it is wrong, of both dtypes.
AMSGRAD = (
    *(
        f"amsgrad.*.{name}"
        for name in ("spike-then-small", "rises-and-falls", "beta2-zero", "decimal")
    ),
    *("extremes.*.nan-amsgrad", "relations.*.scale-down-amsgrad"),
    *sorted(
        vector.id.replace(".f32.", ".*.")
        for vector in files.load().vectors
        if vector.topic == "found" and vector.features == {"float32", "amsgrad"}
    ),
)


def waivers_of(failure="E5", ids=AMSGRAD, **fields):
    return [Waiver(id=pattern, failure=failure, reason="it is known", **fields) for pattern in ids]


def write_waivers(tmp_path, *waivers):
    """A file of ``waivers``, each a dictionary of TOML values as text."""
    file = tmp_path / "waivers.toml"
    blocks = (
        "[[waiver]]\n" + "".join(f"{key} = {value}\n" for key, value in w.items()) for w in waivers
    )
    file.write_text("\n".join(blocks))
    return str(file)


def table(pattern, **values):
    return {"id": f'"{pattern}"', "failure": '"E5"', "reason": '"it is known"'} | values
