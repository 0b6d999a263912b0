"""M/M/c as one writes it in other simulators, fed with the same gaps and work, so that all must find the same waits."""

from importlib.util import find_spec
from math import inf

import simpy

Waits = list[float]


def is_installed(name: str) -> bool:
    """Whether a package is there."""
    return find_spec(name) is not None


def with_simpy(gaps_s: list[float], work_s: list[float], servers: int) -> Waits:
    """A process for every request, a Resource for the servers; waits in seconds, in order of arrival."""
    env, waits_s = simpy.Environment(), [0.0] * len(gaps_s)
    desks = simpy.Resource(env, capacity=servers)

    def customer(index: int) -> simpy.events.ProcessGenerator:
        came_s = env.now
        with desks.request() as turn:
            yield turn
            waits_s[index] = env.now - came_s
            yield env.timeout(work_s[index])

    def source() -> simpy.events.ProcessGenerator:
        for index, gap_s in enumerate(gaps_s):
            yield env.timeout(gap_s)
            env.process(customer(index))

    env.process(source())
    env.run()
    return waits_s


def with_ciw(gaps_s: list[float], work_s: list[float], servers: int) -> Waits:
    """A node of a Ciw network; waits in seconds, in order of arrival."""
    import ciw  # noqa: PLC0415  # it may be absent

    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Sequential([*gaps_s, inf])],
        service_distributions=[ciw.dists.Sequential([*work_s, 0.0])],
        number_of_servers=[servers],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(len(work_s), method="Finish")
    records = sorted(simulation.get_all_records(), key=lambda one: one.arrival_date)
    return [float(one.waiting_time) for one in records]


def with_salabim(gaps_s: list[float], work_s: list[float], servers: int) -> Waits:
    """A component for every customer, a Resource for the servers; waits in seconds, in order of arrival."""
    import salabim  # noqa: PLC0415  # it may be absent

    salabim.yieldless(False)
    env, waits_s = salabim.Environment(trace=False), [0.0] * len(gaps_s)
    desks = salabim.Resource("desks", capacity=servers, env=env)

    class Customer(salabim.Component):  # type: ignore[misc]
        def setup(self, index: int) -> None:
            self.index = index

        def process(self) -> simpy.events.ProcessGenerator:
            came_s = env.now()
            yield self.request(desks)
            waits_s[self.index] = env.now() - came_s
            yield self.hold(work_s[self.index])
            self.release()

    class Source(salabim.Component):  # type: ignore[misc]
        def process(self) -> simpy.events.ProcessGenerator:
            for index, gap_s in enumerate(gaps_s):
                yield self.hold(gap_s)
                Customer(index=index, env=env)

    Source(env=env)
    env.run()
    return waits_s
