"""The model grader's one door to the outside: any endpoint that speaks OpenAI's chat completions.

The key goes into the Authorization header and nowhere else; what an endpoint says in an error is not passed on, because
some repeat the key in it. Redirects are not followed, so that the text goes to the host that was named and to no other.
"""

import asyncio
import random
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple, Self, TypeVar

import openai
from openai.types.chat import ChatCompletion

from rubrics.model_items import Answered, opinion
from rubrics.model_sheet import Sheet, Unreadable, two_sheets
from rubrics.model_task import ENDS_ALL, MAX_CHARACTERS, Endpoint, Limits, Opinion, Problem, Task

LONGEST_REPLY_TOKENS = 6_000
WITHOUT_KEY = "none"  # what a server on this machine is told; it asks for no key
_POLL_S = 0.05
_RETRIED: frozenset[Problem] = frozenset(("rate_limited", "failing", "timed_out", "unreachable"))

_Given = TypeVar("_Given")


class Failed(Exception):
    """No reply that can be used; `problem` says why. It carries nothing of what was sent or received."""

    def __init__(self, problem: Problem, retry_after_s: float | None = None):
        super().__init__(problem)
        self.problem = problem
        self.retry_after_s = retry_after_s


@dataclass
class _Meter:
    """What one dimension took so far."""

    requests: int = 0
    tokens_in: int | None = 0
    tokens_out: int | None = 0

    def count(self, completion: ChatCompletion) -> None:
        """Add what an endpoint says it used; once it says nothing, the sum is not known."""
        usage = completion.usage
        used = (usage.prompt_tokens, usage.completion_tokens) if usage is not None else (None, None)
        self.tokens_in, self.tokens_out = (
            had + new if isinstance(had, int) and isinstance(new, int) else None
            for had, new in zip((self.tokens_in, self.tokens_out), used, strict=True)
        )


def ask(
    tasks: Sequence[Task],
    endpoint: Endpoint,
    limits: Limits,
    cancelled: threading.Event,
    on_opinion: Callable[[Opinion], None],
) -> None:
    """Ask about each dimension in turn and hand over an opinion for every one, be it only why there is none.

    It ends within `limits.total_s` and soon after `cancelled` is set. Nothing is raised for what an endpoint does.
    """
    _to_the_end(_ask(tasks, endpoint, limits, cancelled, on_opinion))


def reply_to(messages: Sequence[tuple[str, str]], endpoint: Endpoint, limits: Limits) -> str:
    """One reply in plain text to messages of role and content, within `limits.total_s`. Raise Failed."""
    if not endpoint.key.get_secret_value() and not endpoint.is_on_this_machine:
        raise Failed("no_key")
    return _to_the_end(_plain_reply(_Plain(tuple(messages)), endpoint, limits))


def _to_the_end(work: Coroutine[Any, Any, _Given]) -> _Given:
    """What the work gives; it has a thread of its own where a loop runs in this one already, as in a notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as own:
        return own.submit(asyncio.run, work).result()


async def _plain_reply(plain: "_Plain", endpoint: Endpoint, limits: Limits) -> str:
    async with _Conversation(endpoint, limits) as conversation:
        try:
            async with asyncio.timeout(limits.total_s):
                return await conversation.plain(plain)
        except TimeoutError:
            raise Failed("timed_out") from None


class _Plain(NamedTuple):
    """Messages that ask for words, in no form."""

    messages: tuple[tuple[str, str], ...]


async def _ask(
    tasks: Sequence[Task],
    endpoint: Endpoint,
    limits: Limits,
    cancelled: threading.Event,
    on_opinion: Callable[[Opinion], None],
) -> None:
    ended: Problem | None = None if endpoint.key.get_secret_value() or endpoint.is_on_this_machine else "no_key"
    until = time.monotonic() + limits.total_s
    async with _Conversation(endpoint, limits) as conversation:
        for task in tasks:
            meter = _Meter()
            if ended is None:
                found = await _watched(conversation.opinion(task, meter), until, cancelled)
            else:
                found = ended
            if not isinstance(found, Opinion):
                ended = found if found in ENDS_ALL else None
                found = Opinion(dimension=task.dimension, problem=found, sentence=said(found, endpoint))
            on_opinion(found.model_copy(update=_taken(meter)))


async def _watched(work: Coroutine[Any, Any, Opinion], until: float, cancelled: threading.Event) -> Opinion | Problem:
    """What the work brings, or why it was given up: it is stopped in mid-request if it must be."""
    task = asyncio.ensure_future(work)
    stopped: Problem | None = None
    while not task.done():
        if cancelled.is_set():
            stopped = "cancelled"
        elif time.monotonic() >= until:
            stopped = "timed_out"
        if stopped is not None:
            task.cancel()
        await asyncio.wait({task}, timeout=_POLL_S)
    try:
        return task.result()
    except asyncio.CancelledError:
        return stopped or "cancelled"
    except Failed as failed:
        return failed.problem


def _taken(meter: _Meter) -> dict[str, int | None]:
    return {"requests": meter.requests, "tokens_in": meter.tokens_in, "tokens_out": meter.tokens_out}


class _Conversation:
    """One client, and what its endpoint turned out not to understand."""

    def __init__(self, endpoint: Endpoint, limits: Limits):
        self._endpoint, self._limits = endpoint, limits
        self._options: dict[str, Any] = {"temperature": 0, "max_completion_tokens": LONGEST_REPLY_TOKENS}
        self._structured = True
        self._client = openai.AsyncOpenAI(
            base_url=endpoint.base_url,
            api_key=endpoint.key.get_secret_value() or WITHOUT_KEY,
            admin_api_key="",  # or it would be looked up in the environment
            timeout=limits.request_s,
            max_retries=0,
            http_client=openai.DefaultAsyncHttpxClient(follow_redirects=False, timeout=limits.request_s),
        )
        self._client.organization = self._client.project = None  # the environment named them, for somebody else

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()

    async def opinion(self, task: Task, meter: _Meter) -> Opinion:
        """Ask twice and compare. Raise Failed."""
        text, _ = task.prepared
        if not text.strip():
            raise Failed("empty")
        if len(text) > MAX_CHARACTERS:
            raise Failed("too_long")
        answered = []
        for sheet in two_sheets(task, random.SystemRandom()):
            try:
                entries, speaks = sheet.read(await self._reply(sheet, meter))
            except Unreadable:
                raise Failed("unreadable") from None
            answered.append(Answered(sheet, entries, speaks))
        return opinion(task, *answered)

    async def plain(self, plain: _Plain) -> str:
        """One reply in words. Raise Failed."""
        self._structured = False
        return await self._understood(plain, _Meter())

    async def _reply(self, sheet: Sheet, meter: _Meter) -> str:
        """One reply, tried again after what may pass. Raise Failed."""
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return await self._understood(sheet, meter)
            except Failed as failed:
                if failed.problem not in _RETRIED or attempt == self._limits.attempts:
                    raise
                await asyncio.sleep(self._pause_s(attempt, failed.retry_after_s))
        raise AssertionError("a last attempt returns or raises")

    def _pause_s(self, attempt: int, wanted_s: float | None) -> float:
        pause_s = self._limits.first_pause_s * 2.0 ** (attempt - 1) * random.SystemRandom().uniform(0.75, 1.25)
        return min(max(pause_s, wanted_s or 0.0), self._limits.longest_pause_s)

    async def _understood(self, sheet: Sheet | _Plain, meter: _Meter) -> str:
        """One reply, asked for in simpler terms if the endpoint does not understand one of ours."""
        while True:
            try:
                return await self._once(sheet, meter)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if not self._simplified(error):
                    raise Failed("request_refused") from None

    def _simplified(self, error: openai.APIStatusError) -> bool:
        """Leave out what the endpoint names, or else structured output; False when there is nothing to leave out."""
        complaint = f"{error.param} {error.message}"
        if "temperature" in complaint and self._options.pop("temperature", None) is not None:
            return True
        if "max_completion_tokens" in complaint and "max_completion_tokens" in self._options:
            self._options["max_tokens"] = self._options.pop("max_completion_tokens")
            return True
        was, self._structured = self._structured, False
        return was

    async def _once(self, sheet: Sheet | _Plain, meter: _Meter) -> str:
        """One request. Raise Failed, or openai's error if it was not understood."""
        meter.requests += 1
        try:
            async with asyncio.timeout(self._limits.request_s):
                completion = await self._client.chat.completions.create(**self._request(sheet))
        except (openai.BadRequestError, openai.UnprocessableEntityError):
            raise
        except (TimeoutError, openai.APITimeoutError):
            raise Failed("timed_out") from None
        except openai.APIConnectionError:
            raise Failed("unreachable") from None
        except openai.APIStatusError as error:
            raise _failed(error) from None
        except (openai.OpenAIError, ValueError):  # a body that is no JSON, or other JSON than a completion
            raise Failed("unreadable") from None
        return _content(completion, meter)

    def _request(self, sheet: Sheet | _Plain) -> dict[str, Any]:
        request: dict[str, Any] = {
            "model": self._endpoint.model,
            "messages": [{"role": role, "content": content} for role, content in sheet.messages],
            **self._options,
        }
        if self._structured and isinstance(sheet, Sheet):
            wanted = {"name": "concepts", "strict": True, "schema": sheet.schema()}
            request["response_format"] = {"type": "json_schema", "json_schema": wanted}
        return request


def _content(completion: object, meter: _Meter) -> str:
    """What a completion says. Raise Failed; its parts are looked at, because the client does not insist on them."""
    if not isinstance(completion, ChatCompletion):
        raise Failed("unreadable")
    meter.count(completion)
    choice = completion.choices[0] if isinstance(completion.choices, list) and completion.choices else None
    if choice is None or choice.message is None:
        raise Failed("unreadable")
    if choice.finish_reason == "length":
        raise Failed("cut_off")
    if choice.finish_reason == "content_filter" or choice.message.refusal:
        raise Failed("refused")
    if not isinstance(choice.message.content, str):
        raise Failed("unreadable")
    return choice.message.content


def _failed(error: openai.APIStatusError) -> Failed:
    status = 402 if error.code == "insufficient_quota" else error.status_code
    known: dict[int, Problem] = {
        401: "key_refused", 402: "no_credit", 403: "key_refused", 404: "unknown_model", 408: "failing",
        429: "rate_limited",
    }  # fmt: skip
    by_class: dict[int, Problem] = {3: "elsewhere", 5: "failing"}
    problem = known.get(status) or by_class.get(status // 100, "request_refused")
    return Failed(problem, _seconds(error.response.headers.get("retry-after")))


def _seconds(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:  # a date
        return None


def said(problem: Problem, endpoint: Endpoint) -> str:
    """What a person is told. There is no level in any of these cases."""
    host, model = endpoint.host, endpoint.model
    return {
        "no_key": f"There is no key. {host} is not on this machine, so it will ask for one.",
        "key_refused": f"{host} refused the key. Enter it again, or make a new one there.",
        "unreachable": f"{host} cannot be reached, or cut the connection. Is the address right, and does it run?",
        "elsewhere": f"{host} wants to pass the text on to another address, which is not done. Enter that address.",
        "unknown_model": f"{host} knows no model {model!r} at this address. The address often ends in /v1.",
        "rate_limited": f"{host} wants fewer requests (429), also after a pause. Try again in some minutes.",
        "no_credit": f"{host} says that the account of this key has no credit left.",
        "failing": f"{host} has trouble of its own: it failed each time it was asked.",
        "request_refused": f"{host} did not accept the request, also in its simplest form.",
        "unreadable": "The reply was not the JSON that was asked for, so it says nothing about your answer.",
        "cut_off": "The reply was cut off by its length limit, so it says nothing about your answer.",
        "refused": "The model refused to reply. That says nothing about your answer.",
        "timed_out": f"{host} took too long to reply.",
        "cancelled": "You cancelled it.",
        "decoy": "A decoy failed.",
        "too_long": f"The answer is longer than {MAX_CHARACTERS:,} characters, and is not sent.",
        "empty": "There is nothing to send.",
    }[problem]
