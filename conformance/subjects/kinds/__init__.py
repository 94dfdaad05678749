"""Adapters of whole kinds of optimizers: any class of a kind is a subject. Start with `arguments`.

`subject.kinds` tells of which kind a class is, and names the module here. Its function
`adapt(factory, settings)` returns the function that starts a run. The shipped subjects use the same
adapters.
"""
