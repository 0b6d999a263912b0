"""Attempts as files on the screen: downloads, and a file that somebody else has sent."""
