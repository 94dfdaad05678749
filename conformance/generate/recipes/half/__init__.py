"""Recipes of half precision: what is kept between steps, and what dies in sixteen bits."""

from .numbers import DYING_NUMBERS
from .storages import STORAGES

HALF_PRECISION = (*STORAGES, *DYING_NUMBERS)
