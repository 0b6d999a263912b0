"""The pieces of the interview page."""
