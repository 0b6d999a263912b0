"""The questions: what may stand in their files, how they are read and checked, and how a worksheet is judged."""
