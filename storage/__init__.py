"""What is kept between visits, in one SQLite file; the only floor that knows SQL."""
