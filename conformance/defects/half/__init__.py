"""Wrong Adams of half precision: digits get lost in bfloat16 and float16 where none should."""

from . import kept, moments, numbers, rounding

MODULES = (numbers, moments, kept, rounding)
