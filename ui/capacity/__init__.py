"""The pieces of the capacity page."""
