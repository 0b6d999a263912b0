"""How a request can come to nothing inside the simulated system.

RequestFailed
    Refused             nobody worked on it
        QueueFull       the queue had no place left
        TooOld          it had waited too long when its turn came
        TooLarge        it would not fit even if it were alone
        RateLimited     its rate limit had no token left
        CircuitOpen     the caller has stopped asking for a while
    Broken              somebody tried
        TimedOut        the caller's timeout passed
        DeadlinePassed  the time for the whole request was over
        ErrorAnswer     the answer was an error
        LinkCut         nothing passes between the two components
        ReplicaDied     the replica went away with the work it held
        NoReplica       a load balancer found every replica of its targets dead
        NoQuorum        too few replicas of a store's shard are alive
        StaleAnswer     the answer rested on data that are too old
        CanaryFailed    a bad canary gave a wrong answer
"""


class RequestFailed(Exception):
    """The component at hand has no answer."""


class Refused(RequestFailed):
    """Turned away before any work."""


class QueueFull(Refused):
    """The queue had no place left."""


class TooOld(Refused):
    """The request had waited longer than the queue allows when its turn came."""


class TooLarge(Refused):
    """The request needs more memory than there is."""


class RateLimited(Refused):
    """The rate limit at the door had no token left."""


class CircuitOpen(Refused):
    """The caller's circuit breaker is open: it fails at once instead of asking."""


class Broken(RequestFailed):
    """Failed after work was begun or time had passed."""


class TimedOut(Broken):
    """The caller's timeout passed before the answer came."""


class DeadlinePassed(Broken):
    """The deadline of the whole request passed before there was an answer, or before work began."""


class ErrorAnswer(Broken):
    """Work was done, and its answer was an error."""


class LinkCut(Broken):
    """Nothing passes between the caller and the component."""


class ReplicaDied(Broken):
    """The replica went away with the work it held."""


class NoReplica(Broken):
    """Every replica that could be chosen is dead."""


class NoQuorum(Broken):
    """Too few replicas of the shard are alive."""


class StaleAnswer(Broken):
    """The answer rested on data that are older than the caller accepts."""


class CanaryFailed(Broken):
    """The version under trial gave a wrong answer."""
