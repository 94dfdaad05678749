"""Variants: right Adams that round differently, all of which the bound must accept. Start with `dense`.

A new order of operations is added to `orders`, and then to a list of variants in `dense` or `sparse`.
"""
