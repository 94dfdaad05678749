"""Waivers: failures that are known and explained. Start with `waiver`.

`files` reads them and refuses what makes no sense. `staleness` says which waivers hold after a run and which are stale.
"""
