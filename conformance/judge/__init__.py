"""Judge: the verdict on a subject. Start with `check`.

A verdict needs no oracle: diagnosis and answers on demand are imported where they are used.
"""
