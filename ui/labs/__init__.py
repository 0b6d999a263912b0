"""The pieces of a lab: a prediction, knobs, pictures, and what to notice."""
