"""Vectors: what a golden case is, and the files that hold the cases. Start with `vector`.

Everything here is data, and the code that reads, writes and checks data. No subject runs here.
"""
