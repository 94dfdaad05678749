"""Real defects that no subject can express, by their number among the known ones, and why."""

_GROUPS = {
    "parameters are real numbers": ("B73", "B77", "B78", "C18"),
    "all parameters of a run have one dtype and one device": (
        "B16",
        "B62",
        "B85",
        "N21",
        "A17",
        "A30",
        "A34",
    ),
    "there are no groups of parameters with numbers of their own": ("B49",),
    "gradients come as they are: nothing scales them, skips a step, or is taken again from a loss": (
        *("B24", "B26", "B27", "B56", "B68", "B89", "A23"),
    ),
    "what is handed over is the subject's, contiguous, and never used again": ("B41", "B81"),
    "one process takes the steps": ("B21",),
    "vectors set no number that may be refused": ("A01", "A02", "C26", "A28", "A29"),
    "it is a matter of a library's own interface": (
        *(
            "A03",
            "A06",
            "A07",
            "A08",
            "A09",
            "A10",
            "A14",
            "A15",
            "A18",
            "A19",
            "A20",
            "A24",
            "A33",
            "C25",
        ),
    ),
    "right Adams may do it": ("C16", "N12", "N23"),
    "no formula of it is known": ("N20",),
    "moments are floats, not codes": ("N16", "N17"),
    "after an infinity nothing is compared": ("N04",),
}
BEYOND: dict[str, str] = {entry: why for why, entries in _GROUPS.items() for entry in entries}
