"""The pieces of the review page."""
