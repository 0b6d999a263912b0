"""The pieces of the fundamentals page: cards, and answers to practice grading on."""
