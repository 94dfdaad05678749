"""Coverage: which combinations of features and values the vectors have, and whether they show."""
