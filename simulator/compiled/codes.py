"""Numbers with a meaning, shared by the kernel and by what prepares and reads its tables."""

# how a frame ends, and what it is told when it goes on: an answer, why there is none, or why it is withdrawn
OK = 0
QUEUE_FULL, TOO_OLD, TOO_LARGE, RATE_LIMITED, CIRCUIT_OPEN = range(1, 6)  # refused
TIMED_OUT, PAST_DEADLINE, ERROR, LINK_CUT, DIED, NO_REPLICA, NO_QUORUM, STALE, BAD_CANARY = range(6, 15)  # failed
LAST_REFUSED = CIRCUIT_OPEN
CANCELLED, REPLICA_DIED = -1, -2  # interrupts
START = 100  # a frame begins
WAIT, PUSHED, AGAIN = 200, 201, 202  # a frame waits, another one is on top of it, or it has become another one

# priorities of events of the heap at the same instant; what is urgent comes before them and is never in the heap
NORMAL, LAST = 1, 2
PRIORITY_SHIFT = 60

# events; the low bits of an event's code say what it is
KIND_BITS, KIND_MASK = 5, 31
(
    RESUME, BEGIN, INTERRUPT, ARRIVE, ENDED, CLOCK, ALARM, BATCH_DONE, FAULT_WAITS, FAULT_BEGINS, FAULT_ENDS,
    SCALER_WAITS,
    LOOK, MORE_WAIT, MORE_JOIN, BOUNDARY, ARRIVALS_BEGIN, FIRST_CLOCK,
) = range(18)  # fmt: skip

# frames; of those below BETWEEN somebody may be asked
(
    POOL, MODEL, STORE, CACHE, BALANCER, LLM, STREAM, ROUTER, LINK, ERRORS,
    CALL, IN_TIME, SINGLE, HEDGE, TOGETHER, STEPS, COPIES, PARALLEL, QUORUM, FILL, BADLY, OBSERVED, CONSUMER,
) = range(23)  # fmt: skip

# processes: nobody's, at work, ended, and ended with everybody told
FREE, ALIVE, OVER, TOLD = range(4)
# whose process it is
ROOT, TRIAL, FILLER, READER = range(4)

FIFO, LIFO, PRIORITY = range(3)
NO_CONTENTS, FIXED, LRU, TTL = range(4)
RANDOM, ROUND_ROBIN, LEAST_OUTSTANDING, POWER_OF_D, CONSISTENT_HASH = range(5)
NO_BACKOFF, EXPONENTIAL, EQUAL_JITTER, FULL_JITTER = range(4)
ALIVE_REPLICA, COMES_BACK, STAYS_DEAD = range(3)
KILL, LOSE_ZONE, SLOW, ERROR_RATE, CUT_LINK, FLUSH, DELAY, SPOIL, REPLAY = range(9)
UTILIZATION, CONCURRENCY, QUEUE_DELAY = range(3)

# what the kernel asks of Python
DRAW, VISITS, KEYS, PROGRESS = range(4)

# counters of one component, beside its moments
PAST_DEADLINES, ERRORS_COUNT, CUT_OFF, RATE_LIMITEDS, WRITE_BACKS, COUNTERS = range(6)
COUNTER_NAMES = ("past_deadline", "errors", "cut_off", "rate_limited", "write_backs")
HITS, MISSES, COALESCED, TRIMMED, MOMENTS = range(5)
MOMENT_NAMES = ("hits", "misses", "coalesced", "trimmed")

CIRCUIT_OPENED, CIRCUIT_HALF, CIRCUIT_CLOSED = range(3)
CIRCUIT_NAMES = ("open", "half-open", "closed")

HUGE = 1 << 60  # "unlimited"
COPIES_MOST = 1 << 20

# tables that a run may fill, by their place in `layout.GROWING`
(
    HEAP_FULL, URGENT_FULL, NORMAL_FULL, PROCESSES_FULL, FRAMES_FULL, REQUESTS_FULL, WATCHES_FULL, VISITS_FULL,
    MOMENTS_FULL, LEVELS_FULL, BATCH_ROWS_FULL, AGES_FULL, CIRCUITS_FULL, TRIED_FULL, BATCHES_FULL, GROUPS_FULL,
    VISIT_NUMBERS_FULL, ADDRESSES_FULL, CELLS_FULL, MESSAGES_FULL, ROUTES_FULL, SEQUENCES_FULL,
    TOKENS_FULL, STRETCHES_FULL, REPLAYS_FULL,
) = range(25)  # fmt: skip

# states of a frame in a queue
WORKING, QUEUED, LEFT = 1, 2, 3
