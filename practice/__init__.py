"""A round of practice as pure logic: the attempt, its clock, its facts, its prediction and its review."""
