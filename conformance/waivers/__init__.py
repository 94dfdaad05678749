"""Waivers: failures that are known and explained. Start with `waiver`.

`files` reads waivers files. `staleness` says which waivers no longer fit after a run. `decision`
and `blocks` correct a file.
"""
