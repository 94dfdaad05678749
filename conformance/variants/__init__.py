"""Right Adams that round differently: the bound must accept every one of them. Start with `dense`."""
