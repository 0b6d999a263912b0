"""The form of a design: one widget for each type of field, drawn from the vocabulary and a table of words."""
