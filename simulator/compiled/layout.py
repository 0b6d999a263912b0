"""The tables that hold a design and its state: one record type for each, 8 bytes a field."""

import threading
from typing import Any

import numpy as np

Record = list[tuple[str, str]]


def _record(integers: str = "", floats: str = "") -> Record:
    return [(name, "i8") for name in integers.split()] + [(name, "f8") for name in floats.split()]


GLOBAL = _record(
    "heap_n urgent_head urgent_n normal_head normal_n seq full stop free_process processes free_frame frames "
    "free_request requests free_watch watches visit_rows moment_rows level_rows batch_rows age_rows circuit_rows "
    "tried_rows sent n under_way callback next_arrival events sites most_visits scale_rows order "
    "free_message messages "
    "message_rows replay_rows token_rows stretch_rows route_rows free_cell cells free_batch batches bulk "
    "faults keys_n free_seq seqs",
    "now duration arrival_s found",
)
HEAP = _record("code x key", "at_s")  # `door.comes_before` reads the last two as one number
RING = _record("code x")
ARRIVAL = _record("index", "at_s")
PROCESS = _record("top generation serial state result watch watch_serial request next held sign owner filler of")
FRAME = _record(
    "kind state parent request node a b c d slot before after line trials last_trial process watch",
    "entered started due work idle",
)
REQUEST = _record("index visit key parent users nth tried degraded", "abandoned deadline oldest")
BASE = _record("items line kind rank prompt ending", "ended oldest")  # a row for each request: 64 bytes
WATCH = _record(
    "process generation serial missing spare first triggered value next result clocks before after key", "rings"
)
CLOCKS = _record("first last awaited", "latest")
VISIT = _record("component request answered", "entered started ended filled until")
MOMENT = _record("component what", "at_s")
LEVEL = _record("component level before", "at_s")
BATCH_ROW = _record("component items requests", "fired ended")
AGE = _record("component request", "read age")
CIRCUIT = _record("site state", "at_s")
COMPONENT = _record(
    "kind part parts last_level steps counter_0 errors entry last_paid scaler fed_by next_part",
)
PART = _record(
    "kind component discipline concurrency idle_n slot_0 replica_0 replicas present closed at_work waiting "
    "limit line_0 "
    "lines queue_dies steps gate_0 gates meter expecting starting paid_for draws most_items waiting_items "
    "noise trim_over "
    "inside alarm_n contents single_flight hits_draws write_draws errand own_0 shards need pool_0 "
    "need_first shard_draws "
    "by_key hot fresh policy choices overhead last_in next_robin known alive_n members target_0 device_0 devices "
    "running reserve replicas_most lru_first lru_last lru_n shard_by_key fresh_fed keyed level_low levels_0 "
    "renewed capacity copies newest_first retention unread consumer_draws append_draws ready_0 targets "
    "last_0 joined leveled leveled_0 oldest_message redelivered keeps "
    "route_0 routes canaries undone bad_draws judges judged_0 judged_to judged_from judged_bad judged_most",
    "max_age slowness max_wait fixed_ms per_item_ms trim_share idle_s idle_since alarm_s hit_ratio "
    "empty_until ttl hot_share "
    "stale_s next_s overhead_s fresh_every fresh_lag fresh_first fresh_seen step_ms running_ms context_ms "
    "prefill_ms kv meter_busy "
    "meter_inside undone_s undo_above undo_window",
)
REPLICA = _record("present dead leaving doomed fault")
SLOT = _record("process batch")
LINE = _record("first last seen")
TARGET = _record("part errors link", "timeout")
ERRORS = _record("draws component", "share")
LINK = _record("component faults")
SHARE = _record("errors used", "share")
ASK = _record("target site")
STEP = _record("ask_0 asks")
STEPS_ROW = _record("step_0 steps")
SITE = _record(
    "target visits_row classes forget share_draws jitter_draws attempts backoff has_budget has_breaker "
    "window fallback_0 "
    "fallbacks copies need together together_draws hedge cancel cancel_loser spreads only has_timeout "
    "has_deadline has_stale has_share "
    "made retries timeouts backups fallen failures deadlines retries_refused circuit_refusals stales "
    "last_0 last_n last_at failed trial_runs state",
    "share timeout deadline stale base_ms cap_ms ratio burst tokens failure_share open_s opens_again hedge_s",
)
FALLBACK = _record("target visits_row only", "answer_s")
BUCKET = _record("kind", "rate burst tokens since")
BATCH = _record("component slot first row part n serial", "due")
FAULT = _record("what component for_ever part parts errors link count struck_0", "at_s until_s factor more")
METER = _record("component started fleet", "since last busy inside busy_s inside_s waits")
SCALER = _record(
    "component part parts parts_most metric minimum maximum add_at_most looks groups wishes wish_0 changes "
    "change_0 meter most "
    "starting fleet slots balancer target_0",
    "target period start_delay multiply window cool_down",
)
GROUP = _record("scaler number alive before")
NOTE = _record("n", "at_s")
PARTITION = _record("first last busy in_hand owner offered cursor", "reflected")
MESSAGE = _record(
    "component request index shard before after is_read is_lost failed replay finished again", "appended read done lost"
)
ROUTE = _record("target visits_row only is_only shadow draws", "share end")
ROUTE_ROW = _record("component request route answered", "sent ended")
SEQUENCE = _record(
    "index process generation part prompt tokens reserved joined machine left gone users next next_leaving",
    "entered accepted started first_token",
)
DEVICE = _record(
    "part heap_0 heap_n heap_most joining joining_last joining_n leaving leaving_last count context "
    "reserved steps begun "
    "has_stretch stretch_steps stretch_running between plan",
    "began prefill_s step_s growth_s due",
)
RUNNING = _record("key begun seq")
REPLAY_ROW = _record("component message", "since read done lost")
TOKEN = _record("component request prompt tokens reserved complete", "entered started first ended")
STRETCH = _record("component steps running", "began ended")
CELL = _record("process generation next")
ENTRY = _record("before after here filler filler_request", "until written")


DTYPES: dict[str, Any] = {
    "g": GLOBAL, "heap": HEAP, "urgent": RING, "normal": RING, "arrival": ARRIVAL, "pr": PROCESS, "fr": FRAME,
    "rq": REQUEST, "base": BASE, "wt": WATCH, "clocks": CLOCKS, "visit": VISIT, "moment": MOMENT, "level": LEVEL,
    "batch_row": BATCH_ROW, "age": AGE, "circuit": CIRCUIT, "comp": COMPONENT, "pt": PART, "rep": REPLICA,
    "slot": SLOT, "line": LINE, "target": TARGET, "err": ERRORS, "link": LINK, "share": SHARE, "keys": "i8", "ask": ASK,
    "step": STEP,
    "steps": STEPS_ROW, "site": SITE, "fallback": FALLBACK, "bucket": BUCKET, "batch": BATCH, "fault": FAULT,
    "meter": METER, "scaler": SCALER, "group": GROUP, "note": NOTE, "entry": ENTRY, "cell": CELL,
    "route": ROUTE, "route_row": ROUTE_ROW, "seq": SEQUENCE, "dev": DEVICE, "run": RUNNING,
    "token": TOKEN, "stretch": STRETCH, "partition": PARTITION,
    "message": MESSAGE, "replay_row": REPLAY_ROW, "idle": "i8",
    "count": "i8", "luck": "i8", "visits": "i8", "tried": "i8", "tried_next": "i8", "last": "i8",
    "balance": "i8", "member": "i8", "struck": "i8", "scratch": "f8", "cap": "i8",
}  # fmt: skip


# tables that a run may fill; what is full is made twice as large, and the run begins anew
GROWING = (
    "heap", "urgent", "normal", "pr", "fr", "rq", "wt", "visit", "moment", "level", "batch_row", "age", "circuit",
    "tried", "batch", "group", "visits", "luck", "cell", "message", "route_row",
    "seq", "token", "stretch", "replay_row",
)  # fmt: skip
PLACE = {name: i for i, name in enumerate(GROWING)}


MOST_KEPT = 1 << 28  # bytes of one table


class _Kept(threading.local):
    """The tables of the last run in this thread: asking the system for memory takes longer than a short run."""

    def __init__(self) -> None:
        self.arrays: dict[str, np.ndarray[Any, Any]] = {}


_kept = _Kept()


def used_table(name: str, rows: int) -> "np.ndarray[Any, Any]":
    """An array for one table, at least so long, with anything in it."""
    found = _kept.arrays.get(name)
    if found is None or len(found) < rows:
        found = _aligned(rows, np.dtype(DTYPES[name]), 32 if name == "heap" else 0)
        if found.nbytes <= MOST_KEPT:
            _kept.arrays[name] = found
    return found


def _aligned(rows: int, dtype: "np.dtype[Any]", beyond: int) -> "np.ndarray[Any, Any]":
    """Zeros that begin so many bytes beyond a boundary of cache lines, which are 64 bytes long: one record is then read
    at once, and so is half of the four below an event of the heap.
    """
    room = np.zeros(rows * dtype.itemsize + 128, np.uint8)
    start = (beyond - room.ctypes.data) % 64
    return room[start : start + rows * dtype.itemsize].view(dtype)


def new_table(name: str, rows: int) -> "np.ndarray[Any, Any]":
    """An array for one table, all zeros."""
    found = used_table(name, rows)[:rows]
    found.view(np.uint8).fill(0)
    return found
