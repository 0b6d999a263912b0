"""Laws that hold whatever the distribution, and the limits of parallel work."""

import math

from simulator.theory.refusals import require_not_negative, require_positive, require_probability


def littles_law_number(throughput: float, mean_time: float) -> float:
    """The mean number in a system, N = X R. Little, Operations Research 9, 1961."""
    require_not_negative(throughput=throughput, mean_time=mean_time)
    return throughput * mean_time


def amdahl_speedup(workers: float, serial_share: float) -> float:
    """How many times faster `workers` are than one; at most 1 / serial share. Amdahl, AFIPS 30, 1967."""
    require_probability(serial_share=serial_share)
    require_positive(workers=workers)
    return 1 / (serial_share + (1 - serial_share) / workers)


def amdahl_limit(serial_share: float) -> float:
    """The speed-up of endlessly many workers; infinite if nothing is serial. Amdahl 1967."""
    require_probability(serial_share=serial_share)
    return 1 / serial_share if serial_share > 0 else math.inf


def usl_speedup(workers: float, contention: float, coherence: float) -> float:
    """Speed-up under the Universal Scalability Law, which falls beyond a peak.

    Gunther, Guerrilla Capacity Planning, 2007.
    """
    require_positive(workers=workers)
    require_probability(contention=contention)
    require_not_negative(coherence=coherence)
    return workers / (1 + contention * (workers - 1) + coherence * workers * (workers - 1))


def usl_peak_workers(contention: float, coherence: float) -> float:
    """The number of workers, not rounded, with the largest speed-up; infinite without coherence. Gunther 2007."""
    require_probability(contention=contention)
    require_not_negative(coherence=coherence)
    return math.sqrt((1 - contention) / coherence) if coherence > 0 else math.inf
