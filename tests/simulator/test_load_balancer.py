"""Which replica a load balancer chooses, read off from which requests wait for which."""

import numpy as np
import pytest

from simulator.results.run import Ending
from tests.simulator.designs import a_design, balancer, front, kill, latencies_s, log, run_of, service, slow

FOREVER = 1e6


def _chosen(policy, replicas, arrivals, faults=(), **more):
    """The replica of each request, numbered by who came to it first; work never ends, so a replica's queue is its list.

    Each replica has one slot and no place to wait is ever left: request k of a replica begins k - 1 works later.
    """
    raise NotImplementedError


def _filled(policy, replicas, requests, **more):
    """How many requests each replica has got when none has ended, from the longest list to the shortest."""
    parts = {"lb": balancer("x", policy, **more), "x": service(FOREVER, replicas=replicas)}
    run = run_of(a_design(parts), requests)
    began = np.array([row[2] for row in log(run, "x")])
    place = np.round((began - 1) / FOREVER).astype(int)  # 0 for a replica's first request, 1 for its second ...
    return [int((place >= depth).sum() - (place > depth).sum()) for depth in range(place.max() + 1)]
