"""What a run leaves behind, and what can be said about it."""
