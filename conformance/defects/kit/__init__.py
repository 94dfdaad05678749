"""What wrong Adams are made from: a right one in pieces that can be exchanged. Start with `editable`."""
