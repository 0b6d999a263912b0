"""The advisor: which rule a run shows, which single changes help, and how much each of them does for its money."""
