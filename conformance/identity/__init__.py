"""Identity: the convention that a subject follows, found from its numbers. Start with `search`.

`questions` lists what is asked, in order, and `asking` finds the answer to one of them.
`known_mistakes` tries the wrong Adams of defects/ on what no convention explains.
"""
