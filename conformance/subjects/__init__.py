"""Adapters: one module for each library that ships as a subject. Start with `torch_adam`.

`subject.shipped` lists their names. A module is imported only when its subject is judged. Any other
class of these libraries is a subject through the adapters in kinds/.
requirements.txt has the versions that were judged, waivers.toml the known defects of the libraries,
and HALF_PRECISION.md what these and other libraries keep in half precision.
"""
