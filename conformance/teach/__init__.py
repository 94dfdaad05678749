"""Teaching: what Adam computes, in numbers, pictures and exercises."""
