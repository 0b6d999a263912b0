"""The vocabulary: everything a system design can say, as data.

A Design is a cell (a stated fraction of a fleet), the traffic into it, named components that call one another, the
faults that strike it and the promise it is held to. YAML or JSON in, the same out (`design_file.py`). What a design
means when it runs is written in `docs/design.md`; what may not be combined is checked in `wiring.py`.
"""

from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator import wiring
from simulator.distributions import Constant, Distribution
from simulator.spec import Count, Label, Name, NonNegative, Positive, Scv, Share, Spec

Unlimited = Literal["unlimited"]


# ---- traffic ---------------------------------------------------------------------------------------------------


class Poisson(Spec):
    """Independent users: exponential gaps."""

    kind: Literal["poisson"] = "poisson"


class EvenlySpaced(Spec):
    """A metronome: equal gaps."""

    kind: Literal["evenly_spaced"] = "evenly_spaced"


class Renewal(Spec):
    """Independent gaps with a given SCV: gamma below 1, hyperexponential with balanced means above."""

    kind: Literal["renewal"] = "renewal"
    scv: Annotated[float, Field(ge=1e-6, le=1e6)]


class Bursts(Spec):
    """Markov-modulated Poisson: the rate jumps between `calm_factor` and `burst_factor` times the given one."""

    kind: Literal["bursts"] = "bursts"
    burst_factor: Positive
    calm_factor: NonNegative
    mean_burst_s: Positive
    mean_calm_s: Positive


class Trace(Spec):
    """Recorded arrivals, in seconds from the start of the run: `times_s`, or a CSV file with a column of them, which
    the command line reads from beside the design. `arrival_rate_per_s` is then ignored.
    """

    kind: Literal["trace"] = "trace"
    file: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    column: Annotated[str, Field(min_length=1, max_length=80)] = "time_s"
    times_s: Annotated[tuple[NonNegative, ...], Field(max_length=1_000_000)] = ()

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        if (self.file is None) == (not self.times_s):
            raise ValueError("a trace takes either a file or times_s")
        for i, (earlier, later) in enumerate(pairwise(self.times_s)):
            if later < earlier:
                raise ValueError(f"times_s.{i + 1} is {later}, earlier than {earlier} before it; sort the times")
        return self


class ClosedLoop(Spec):
    """A fixed number of users who think, ask, wait until the request has ended in whatever way, and think again;
    `arrival_rate_per_s` is then ignored.
    """

    kind: Literal["closed_loop"] = "closed_loop"
    users: Count
    think_time: Distribution


Arrivals = Annotated[
    Poisson | EvenlySpaced | Renewal | Bursts | Trace | ClosedLoop,
    Field(discriminator="kind"),
]


class Steps(Spec):
    """The rate as factors of the given one: `points` are (from second, factor); before the first point the factor
    is 1.
    """

    kind: Literal["steps"] = "steps"
    points: Annotated[tuple[tuple[NonNegative, NonNegative], ...], Field(min_length=1, max_length=500)]

    @model_validator(mode="after")
    def _times_rise(self) -> Self:
        times = [at_s for at_s, _ in self.points]
        if times != sorted(set(times)):
            raise ValueError("the seconds of the points must rise")
        return self


class Diurnal(Spec):
    """A day as a sine: the mean is the given rate, the peak is `peak_factor` times it."""

    kind: Literal["diurnal"] = "diurnal"
    peak_factor: Annotated[float, Field(ge=1, le=2)]
    period_s: Positive = 86_400.0


Profile = Annotated[Steps | Diurnal, Field(discriminator="kind")]


class Spread(Spec):
    """A whole number that varies between requests, at least 1."""

    shape: Literal["exponential", "geometric", "gamma", "lognormal"]
    mean: Positive
    scv: Scv = 1.0


Amount = Count | Spread


class RequestClass(Spec):
    """One kind of request. `items` is what it carries: rows to rank, images, tokens to produce. A larger `priority` is
    more important.
    """

    name: Name = "all"
    share: Share = 1.0
    priority: Annotated[int, Field(ge=0, le=100)] = 0
    items: Amount = 1
    prompt_tokens: Amount = 1


class Keys(Spec):
    """What requests ask for: `count` keys, popularity falling as rank to the power of minus `zipf_exponent`."""

    count: Annotated[int, Field(ge=1, le=100_000_000)]
    zipf_exponent: NonNegative = 1.0


class Traffic(Spec):
    """Requests arrive at `entry` whether or not the system keeps up (open loop), unless `arrivals` says otherwise."""

    entry: Name
    arrival_rate_per_s: Positive
    arrivals: Arrivals = Poisson()
    profile: Profile | None = None
    classes: Annotated[tuple[RequestClass, ...], Field(min_length=1, max_length=20)] = (RequestClass(),)
    keys: Keys | None = None


# ---- calls -----------------------------------------------------------------------------------------------------


class RetryBudget(Spec):
    """A token bucket: a retry takes a token, each first try earns `ratio` of one; `burst` tokens at most."""

    ratio: Share
    burst: Positive = 10.0


class Retries(Spec):
    """At most `attempts` tries in all. Attempt k waits up to min(cap, base * 2**(k-1)) before it starts."""

    attempts: Annotated[int, Field(ge=2, le=10)]
    backoff: Literal["none", "exponential", "equal_jitter", "full_jitter"] = "full_jitter"
    base_ms: NonNegative = 10.0
    cap_ms: Positive = 1_000.0
    budget: RetryBudget | None = None


class Hedge(Spec):
    """Send a second copy when the first has not answered after `after_ms`; the first answer wins."""

    after_ms: NonNegative
    cancel_loser: bool = True


class FanOut(Spec):
    """Ask `copies` shards or replicas at once and wait for `need` of them; "all" means all."""

    copies: Count | Literal["all"] = "all"
    need: Count | Literal["all"] = "all"


class CircuitBreaker(Spec):
    """Stop calling for `open_s` once `failure_share` of the last `window` calls failed."""

    failure_share: Share = 0.5
    window: Count = 100
    open_s: Positive = 5.0


class Fallback(Spec):
    """The next best answer: another component, or a ready answer after `answer_ms`. The request then counts as
    degraded.
    """

    to: Name | None = None
    answer_ms: NonNegative | None = None
    label: Label = ""

    @model_validator(mode="after")
    def _is_one_or_the_other(self) -> Self:
        if (self.to is None) == (self.answer_ms is None):
            raise ValueError("a fallback names either a component in `to` or a ready answer's `answer_ms`")
        return self


class Call(Spec):
    """What one component asks of another.

    The timeout is for one attempt, with all its copies; the deadline is for the whole request and travels along. A
    caller that gives up does not stop the work below it unless `cancel` is on. `share` of the requests make the call.
    An answer that rests on data older than `stale_after_s` is not used: the fallback answers or, without one, the call
    fails, and is not tried again.
    """

    to: Name
    share: Share = 1.0
    classes: tuple[Name, ...] = ()
    timeout_ms: Positive | None = None
    deadline_ms: Positive | None = None
    stale_after_s: Positive | None = None
    cancel: bool = False
    retries: Retries | None = None
    hedge: Hedge | None = None
    fan_out: FanOut | None = None
    circuit_breaker: CircuitBreaker | None = None
    fallback: Annotated[tuple[Fallback, ...], Field(max_length=5)] = ()
    fire_and_forget: bool = False


Step = Annotated[tuple[Call, ...], Field(min_length=1, max_length=50)]
Calls = Annotated[tuple[Step, ...], Field(max_length=50)]


# ---- components ------------------------------------------------------------------------------------------------


class Queue(Spec):
    """Where requests wait. Full means refused; work older than `drop_older_than_ms` is thrown away when its turn
    comes.
    """

    limit: Annotated[int, Field(ge=0, le=100_000_000)] | Unlimited = 1_000
    discipline: Literal["fifo", "lifo", "priority"] = "fifo"
    drop_older_than_ms: Positive | None = None


class RateLimit(Spec):
    """A token bucket at the door, for one class or, without a name, for all."""

    rate_per_s: Positive
    burst: Positive = 1.0
    class_name: Name | None = None


class Autoscaling(Spec):
    """Replicas follow a metric. The defaults are those of the Kubernetes HPA: look every 15 s, add 4 or double a
    minute, wait 300 s before shrinking."""

    metric: Literal["utilization", "queue_delay_ms", "concurrency"]
    target: Positive
    minimum: Count
    maximum: Count
    period_s: Positive = 15.0
    start_delay_s: NonNegative = 60.0
    add_at_most: Count = 4
    multiply_at_most: Positive = 2.0
    scale_up_window_s: Positive = 60.0
    cool_down_s: NonNegative = 300.0


class Component(Spec):
    """What every component has. Without a price it costs "not priced", never nothing."""

    label: Label = ""
    usd_per_replica_hour: NonNegative | None = None


class Service(Component):
    """Replicas of a program behind one queue, each working on `concurrency` requests at a time, then calling others.

    A replica is free again while the calls run (asynchronous input and output).
    """

    kind: Literal["service"] = "service"
    replicas: Count = 1
    concurrency: Count = 1
    service_time: Distribution
    sharing: Literal["slots", "processor_sharing"] = "slots"
    queue: Queue = Queue()
    rate_limits: tuple[RateLimit, ...] = ()
    calls: Calls = ()
    autoscaling: Autoscaling | None = None


class FixedHits(Spec):
    """Each request hits with the same probability, independently."""

    kind: Literal["fixed"] = "fixed"
    hit_ratio: Share


class Lru(Spec):
    """The least recently used of `capacity_keys` keys makes room."""

    kind: Literal["lru"] = "lru"
    capacity_keys: Count


class Ttl(Spec):
    """A key lives `ttl_s` from its fill or, if `renewed`, from its last use."""

    kind: Literal["ttl"] = "ttl"
    ttl_s: Positive
    renewed: bool = False


Contents = Annotated[FixedHits | Lru | Ttl, Field(discriminator="kind")]


class Cache(Component):
    """Answers a hit after the lookup; a miss pays the lookup too and then asks what `on_miss` says."""

    kind: Literal["cache"] = "cache"
    replicas: Count = 1
    lookup_time: Distribution = Constant(value_ms=0.5)
    contents: Contents
    pattern: Literal["read_through", "look_aside"] = "read_through"
    single_flight: bool = False
    on_miss: Annotated[Calls, Field(min_length=1)]


class Freshness(Spec):
    """How old what is read is: written every `update_every_s`, visible `lag_s` later.

    Of a store that is `fed_by` a stream, what has been written is what the consumers are done with: it holds everything
    up to the oldest message, in any partition, that is newer than all that was consumed there, and everything if there
    is none.
    """

    update_every_s: NonNegative = 0.0
    lag_s: NonNegative = 0.0
    fed_by: Name | None = None


class Store(Component):
    """Sharded and replicated reads: feature store, key-value, SQL, vector index, object store.

    With `concurrency` each replica of each shard reads that many at a time and the rest queue; "unlimited" means that
    reads never wait for one another, so load does not change the latency.
    """

    kind: Literal["store"] = "store"
    shards: Annotated[int, Field(ge=1, le=10_000)] = 1
    replicas: Count = 1
    concurrency: Count | Unlimited = "unlimited"
    read_time: Distribution
    queue: Queue = Queue()
    hot_shard_share: Share | None = None
    freshness: Freshness | None = None
    quorum: Count | None = None


class BatchTime(Spec):
    """A batch takes fixed_ms + per_item_ms * items, given its size exactly so unless `scv` spreads it (gamma)."""

    fixed_ms: NonNegative
    per_item_ms: NonNegative
    scv: Literal[0] | Annotated[float, Field(ge=1e-6, le=1e12)] = 0.0

    def mean_s(self, items: float) -> float:
        return (self.fixed_ms + self.per_item_ms * items) / 1000


class Trim(Spec):
    """The load valve: a request that finds more than `when_waiting_items_over` items waiting keeps `keep_share` of
    its own.
    """

    when_waiting_items_over: Count
    keep_share: Annotated[float, Field(gt=0, lt=1)]


class ModelServer(Component):
    """Devices that run batches. A device fires when it is idle and the batch is full or its oldest request has waited
    `max_wait_ms`.

    A batch is full when it holds `max_items` or the next request would not fit. `streams` batches run at a time per
    device, each at full speed.
    """

    kind: Literal["model_server"] = "model_server"
    replicas: Count = 1
    streams: Count = 1
    max_items: Count | Unlimited
    max_wait_ms: NonNegative = 0.0
    batch_time: BatchTime
    queue: Queue = Queue()
    trim: Trim | None = None
    autoscaling: Autoscaling | None = None


class LlmServer(Component):
    """Continuous batching: a step takes step_ms + per_running_ms * running + per_context_token_ms * context tokens."""

    kind: Literal["llm_server"] = "llm_server"
    replicas: Count = 1
    step_ms: Positive
    per_running_ms: NonNegative = 0.0
    per_context_token_ms: NonNegative = 0.0
    prefill_ms_per_token: NonNegative = 0.0
    max_running: Count = 256
    kv_memory_tokens: Count | Unlimited = "unlimited"
    queue: Queue = Queue()
    autoscaling: Autoscaling | None = None


class Stream(Component):
    """A partitioned log with consumers; the caller is answered once its message is written.

    `catch_up` says which of the messages that wait is read next.
    """

    kind: Literal["stream"] = "stream"
    partitions: Count = 1
    replicas: Count = 1
    append_time: Distribution = Constant(value_ms=2.0)
    consumer_time: Distribution
    retention_messages: Count | Unlimited = "unlimited"
    catch_up: Literal["oldest_first", "newest_first"] = "oldest_first"
    calls: Calls = ()


class LoadBalancer(Component):
    """Sends each request to one replica of its targets, each of which then keeps a queue of its own."""

    kind: Literal["load_balancer"] = "load_balancer"
    targets: Annotated[tuple[Name, ...], Field(min_length=1, max_length=50)]
    policy: Literal["random", "round_robin", "least_outstanding", "power_of_d", "consistent_hash"] = "round_robin"
    choices: Annotated[int, Field(ge=2, le=100)] = 2
    stale_ms: NonNegative = 0.0
    overhead_ms: NonNegative = 0.0


class Route(Spec):
    """`share` of the requests go to `to`; a shadow copy is sent as well and its answer thrown away. Without a share the
    first route takes what the others leave.
    """

    to: Name
    share: Share | None = None
    shadow: bool = False


class Undo(Spec):
    """Send everything back to the first route when `metric` of the canary is above `above` over `window_s`."""

    metric: Literal["failure_share", "p99_ms"]
    above: NonNegative
    window_s: Positive = 60.0


class Router(Component):
    """Splits traffic between versions: a canary or a shadow, with automatic undo."""

    kind: Literal["router"] = "router"
    routes: Annotated[tuple[Route, ...], Field(min_length=1, max_length=20)]
    undo: Undo | None = None

    def shares(self) -> tuple[float, ...]:
        """What each route gets."""
        others = sum(route.share or 0.0 for route in self.routes[1:] if not route.shadow)
        first = self.routes[0].share
        return (max(0.0, 1 - others) if first is None else first, *(route.share or 0.0 for route in self.routes[1:]))


ComponentSpec = Annotated[
    Service | Cache | Store | ModelServer | LlmServer | Stream | LoadBalancer | Router,
    Field(discriminator="kind"),
]


# ---- faults ----------------------------------------------------------------------------------------------------


class Fault(Spec):
    """Something that happens at `at_s` and, if `for_s` is given, ends."""

    at_s: NonNegative
    for_s: Positive | None = None


class KillReplicas(Fault):
    """Replicas die with the work they hold. Of a store, that many replicas of every shard."""

    kind: Literal["kill_replicas"] = "kill_replicas"
    component: Name
    replicas: Count = 1


class Slow(Fault):
    """Work that starts meanwhile takes `factor` times as long."""

    kind: Literal["slow"] = "slow"
    component: Name
    factor: Positive


class TrafficSpike(Fault):
    """Requests arrive `factor` times as fast; with `class_name` only those of that class, and all others as before.

    The class's further requests are a stream of its own, of the same kind as the arrivals; beside a recording they are
    Poisson at its mean rate.
    """

    kind: Literal["traffic_spike"] = "traffic_spike"
    factor: Positive
    class_name: Name | None = None


class Breakdowns(Fault):
    """Each replica fails and is repaired at random, exponentially."""

    kind: Literal["breakdowns"] = "breakdowns"
    component: Name
    mean_time_to_failure_s: Positive
    mean_time_to_repair_s: Positive


class LoseZone(Fault):
    """One of the design's zones goes, with its part of every component's replicas."""

    kind: Literal["lose_zone"] = "lose_zone"


class ErrorRate(Fault):
    """A share of a component's answers are errors."""

    kind: Literal["error_rate"] = "error_rate"
    component: Name
    share: Share


class CutLink(Fault):
    """Nothing passes between two components."""

    kind: Literal["cut_link"] = "cut_link"
    caller: Name
    component: Name


class FlushCache(Fault):
    """A cache is empty again."""

    kind: Literal["flush_cache"] = "flush_cache"
    component: Name


class DelayFeatures(Fault):
    """What a store returns is older by `lag_s`."""

    kind: Literal["delay_features"] = "delay_features"
    component: Name
    lag_s: Positive


class BadCanary(Fault):
    """A router's canary fails a share of its requests, or is slow."""

    kind: Literal["bad_canary"] = "bad_canary"
    component: Name
    failure_share: Share = 0.0
    slow_factor: Positive = 1.0


class Replay(Fault):
    """A stream's consumers read again what was appended in the last `of_s` seconds and they had done with."""

    kind: Literal["replay"] = "replay"
    component: Name
    of_s: Positive


FaultSpec = Annotated[
    KillReplicas
    | Slow
    | TrafficSpike
    | Breakdowns
    | LoseZone
    | ErrorRate
    | CutLink
    | FlushCache
    | DelayFeatures
    | BadCanary
    | Replay,
    Field(discriminator="kind"),
]


# ---- the design ------------------------------------------------------------------------------------------------


class Cell(Spec):
    """The fraction of the fleet that is simulated. Every number of the design is the cell's; cost is scaled back up."""

    fraction: Annotated[float, Field(gt=0, le=1)] = 1.0
    note: Label = ""


class Promise(Spec):
    """What was promised. An answer after `deadline_ms` (by default `p99_ms`) is late. What is left out is not
    judged.
    """

    p99_ms: Positive | None = None
    deadline_ms: Positive | None = None
    in_time_share: Share | None = None
    availability: Share | None = None
    fallback_share: Share | None = None
    usd_per_month: Positive | None = None
    freshness_s: Positive | None = None

    def late_after_ms(self) -> float | None:
        return self.deadline_ms if self.deadline_ms is not None else self.p99_ms


class Training(Spec):
    """The offline path: a job of `useful_work_h`, saved every `checkpoint_every_min`, and how often it is repeated."""

    useful_work_h: Positive
    checkpoint_every_min: Positive
    checkpoint_cost_min: NonNegative
    restart_cost_min: NonNegative
    mean_time_between_failures_h: Positive
    retrain_every_h: Positive | None = None
    usd_per_hour: NonNegative | None = None


class Design(Spec):
    """A cell, its traffic, its components, its faults and its promise."""

    version: Literal[1] = 1
    name: Label = ""
    cell: Cell = Cell()
    zones: Annotated[int, Field(ge=1, le=100)] = 1
    traffic: Traffic
    components: Annotated[dict[Name, ComponentSpec], Field(min_length=1, max_length=200)]
    faults: Annotated[tuple[FaultSpec, ...], Field(max_length=100)] = ()
    promise: Promise = Promise()
    training: Training | None = None

    @model_validator(mode="after")
    def _parts_fit_together(self) -> Self:
        if problems := wiring.problems(self):
            raise ValueError("\n".join(problems))
        return self
