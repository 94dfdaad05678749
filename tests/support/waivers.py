"""Texts of waivers files."""

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
