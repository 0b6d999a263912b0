"""Single changes that a rule may suggest: to retries, timeouts, hedges and breakers of the calls to a component."""

from collections.abc import Iterator

from simulator import wiring
from simulator.advisor.case import Case, Finding, ms, quantile_ms, work_time
from simulator.advisor.change import Change, changed
from simulator.design import Call

HEDGE_AFTER = 0.95  # of the times of one read; Dean and Barroso 2013 send the second copy at the 95th percentile


def _calls_to(case: Case, finding: Finding) -> list[tuple[str, str, Call]]:
    """The path of each call to the component, the caller, and the call; of a finding about one call only that."""
    found = []
    for name, part in case.design.components.items():
        for place, call in wiring.calls_of(part):
            if call.to == finding.component and finding.call in (None, f"{name}.{place}"):
                found.append((f"components.{name}.{place}", name, call))
    return found


def fewer_retries(case: Case, finding: Finding) -> Iterator[Change]:
    for path, name, call in _calls_to(case, finding):
        if call.retries is None:
            continue
        said = f"{name} asks {call.to}"
        yield from changed(case, f"{said} once, without retries", {f"{path}.retries": None})
        if call.retries.attempts > 2:
            label = f"{said} at most twice instead of {call.retries.attempts} times"
            yield from changed(case, label, {f"{path}.retries.attempts": 2})


def retry_budget(case: Case, finding: Finding) -> Iterator[Change]:
    for path, name, call in _calls_to(case, finding):
        if call.retries is not None and call.retries.budget is None:
            label = f"{name} retries at most 10% of its calls to {call.to}"
            yield from changed(case, label, {f"{path}.retries.budget": {"ratio": 0.1}})


def cancel(case: Case, finding: Finding) -> Iterator[Change]:
    for path, name, call in _calls_to(case, finding):
        if call.timeout_ms is not None and not call.cancel:
            label = f"{name} stops the work of {call.to} when it gives up"
            yield from changed(case, label, {f"{path}.cancel": True})


def shorter_timeout(case: Case, finding: Finding) -> Iterator[Change]:
    """So short that all attempts and half of the promised time for the rest fit."""
    for path, name, call in _calls_to(case, finding):
        if call.timeout_ms is None or case.promised_ms is None:
            continue
        attempts = call.retries.attempts if call.retries is not None else 1
        for share in (0.75, 0.5):
            timeout_ms = round(share * case.promised_ms / attempts, 1)
            if timeout_ms < call.timeout_ms:
                label = f"{name} gives {call.to} {ms(timeout_ms)} instead of {ms(call.timeout_ms)}"
                yield from changed(case, label, {f"{path}.timeout_ms": timeout_ms})


def hedge(case: Case, finding: Finding) -> Iterator[Change]:
    """All calls of one caller to the component together, as they read alike."""
    time = work_time(case.design.components[finding.component])
    if time is None:
        return
    after_ms = float(f"{quantile_ms(time, HEDGE_AFTER):.3g}")
    for name, part in case.design.components.items():
        edits = {
            f"components.{name}.{place}.hedge": {"after_ms": after_ms}
            for place, call in wiring.calls_of(part)
            if call.to == finding.component and call.hedge is None and not call.fire_and_forget
        }
        label = f"{name} asks {finding.component} a second time after {ms(after_ms)}"
        yield from changed(case, label, edits)


def circuit_breaker(case: Case, finding: Finding) -> Iterator[Change]:
    for path, name, call in _calls_to(case, finding):
        if call.circuit_breaker is None:
            label = f"{name} stops asking {call.to} for 5 s when half of 100 calls have failed"
            yield from changed(case, label, {f"{path}.circuit_breaker": {}})
