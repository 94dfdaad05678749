"""Judge: the verdict on a subject. Start with `check`.

`verdict` has the report. A verdict needs no oracle: diagnosis and answers on demand are imported
where they are used.
"""
