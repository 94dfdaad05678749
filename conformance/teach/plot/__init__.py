"""Pictures of what Adam does, for slides: `adamref plot`. Start with `kinds`.

Each module has functions that return numbers, and a function that draws them on a `Sheet`. Only
`sheet` imports matplotlib, when a picture is drawn.
"""
