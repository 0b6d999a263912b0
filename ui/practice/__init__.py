"""Practice between rounds on the screen: the next thing, cards and drills."""
