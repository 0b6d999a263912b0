"""Settings of all tests."""

from hypothesis import settings

settings.register_profile("no clock", deadline=None)  # a busy machine is no failure; speed is measured in benchmarks/
settings.load_profile("no clock")
