"""Variants: right Adams that round differently. The bound must accept all of them.

`orders` has the orders of operations, and `dense` and `sparse` combine them to variants. Start with
`variant`. To add an order, write it in `orders` and use it in a variant of `dense` or `sparse`.
`half` keeps a variant's numbers in half precision, and `half_libraries` says what libraries keep.
"""
