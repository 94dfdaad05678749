"""Training scripts as users of the two pages wrote them; a test changes only their imports."""
