"""Settings of all tests."""

import os

from hypothesis import settings

os.environ.setdefault("WINDTUNNEL_ENGINE", "simpy")  # the specification; tests that compare engines name them

settings.register_profile("no clock", deadline=None)  # a busy machine is no failure; speed is measured in benchmarks/
settings.load_profile("no clock")
