"""Two people who have signed in write, draw and run at the same moments, and each is told only what is the own."""

import asyncio

import httpx
import pytest

from benchmarks.websocket_client import Visitor, edit
from storage.attempts import load_attempt, save_design, start_attempt
from storage.designs import list_designs
from storage.notes import load_note, noted
from tests.e2e.app_server import AppServer
from tests.e2e.oidc_provider import OidcProvider
from tests.e2e.screen import QUESTION
from tests.e2e.test_two_people import app, owner, provider
from tests.own_loop import to_the_end
from tests.simulator.designs import a_design, service

__all__ = ["app", "provider"]
pytestmark = pytest.mark.e2e
NAMES = ("Ann", "Bob")
TIMES = 3


def secret(name: str) -> str:
    return f"{name.lower()}sownpart"


async def signed_in(url: str, name: str) -> Visitor:
    """A visitor with the cookies that the provider's form has brought."""
    stranger = Visitor(url)
    await stranger.connect()
    await stranger.open("")
    await stranger.set("Sign in", "trigger_value", True)
    await stranger.close()
    assert not any(name.encode() in data for data in stranger.seen)
    async with httpx.AsyncClient(follow_redirects=True) as browser:
        await browser.get(f"{url}/_stcore/health")
        form = await browser.get(f"{url}{stranger.sent_to}")
        await browser.get(form.url.copy_add_param("who", name))
        visitor = Visitor(url, {one.name: one.value or "" for one in browser.cookies.jar})
    await visitor.connect()
    return visitor


async def work(visitor: Visitor, name: str, mine: str, theirs: str) -> None:
    """A round with a secret in everything, and now and then the other's address."""
    await visitor.open("interview", f"attempt={mine}")
    for number in range(1, TIMES + 1):
        sent = edit(f"{mine}/requirements", f"{secret(name)} {number}", number)
        await visitor.set("windtunnel_editor", "json_value", sent)
        asked = f"How large is {secret(name)}, {number}?"
        await visitor.set("Your question", "string_value", asked, ("Ask", "trigger_value", True))
    for page in ("interview", "review"):
        await visitor.open(page, f"attempt={theirs}")
    await visitor.open("wind_tunnel")
    await visitor.set("Skip", "trigger_value", True)
    for number in range(TIMES):
        await visitor.set("Requests, per s", "double_array_value", 2.0 + number)  # the same in both
        await visitor.poll()
    assert any(secret(name).encode() in data and b"requests/s" in data for data in visitor.seen), "the bottleneck"


async def both(url: str, attempts: dict[str, str]) -> dict[str, bytes]:
    """What each of them was sent."""
    visitors = {name: await signed_in(url, name) for name in NAMES}
    each = zip(NAMES, NAMES[::-1], strict=True)
    await asyncio.gather(*(work(visitors[one], one, attempts[one], attempts[other]) for one, other in each))
    for visitor in visitors.values():
        await visitor.close()
    return {name: b"".join(visitor.seen) for name, visitor in visitors.items()}


def test_who_works_at_the_same_moments_is_told_and_keeps_only_the_own(app: AppServer, provider: OidcProvider):
    people = {name: owner(provider, name) for name in NAMES}
    attempts = {name: start_attempt(people[name], QUESTION) for name in NAMES}
    for name in NAMES:
        save_design(people[name], attempts[name], a_design({secret(name): service(0.25)}, name="Shop"))
    seen = to_the_end(both(app.url, attempts))
    for name, other in zip(NAMES, NAMES[::-1], strict=True):
        assert secret(other).encode() not in seen[name]
        assert secret(name).encode() in seen[name]
        assert seen[name].count(b"names an attempt that is not here") >= 2
        kept = load_attempt(people[name], attempts[name])
        assert kept.section("requirements").text == f"{secret(name)} {TIMES}"
        assert [one.text for one in kept.asked] == [f"How large is {secret(name)}, {n}?" for n in range(1, TIMES + 1)]
        assert [list(one.design.components) for one in list_designs(people[name], 9)] == [[secret(name)]]
        turned = [load_note(people[name], "design", one) for one in noted(people[name], "design")]
        assert [list(one["components"]) for one in turned if isinstance(one, dict)] == [[secret(name)]]
