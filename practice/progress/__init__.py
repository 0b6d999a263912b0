"""Progress over attempts: levels, predictions, honesty, time and weaknesses, each with the points that it rests on."""
