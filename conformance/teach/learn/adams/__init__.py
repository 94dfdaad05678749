"""Right Adams, short and complete, of which the exercises are changed copies."""
