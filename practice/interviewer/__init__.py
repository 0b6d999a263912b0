"""An interviewer without a model: what it sees, what it may ask, and when it keeps quiet."""
