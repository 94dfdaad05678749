"""Identity: the convention that a subject follows, found from its numbers. Start with `search`.

Each of `questions` decides some axes. `known_mistakes` tries the wrong Adams of defects/ on what is left.
"""
