"""Progress on the screen: a picture first, the table behind it, and its data as CSV."""
