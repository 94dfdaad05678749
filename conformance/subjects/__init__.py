"""Adapters of the subjects that ship, one library each: `subject.shipped` names them, and each is imported late."""
