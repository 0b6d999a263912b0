"""A real HTTP server on this machine that speaks OpenAI's chat completions, and behaves as a test tells it to."""

import json
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

CONCEPT = re.compile(r"^(c\d+): (.+)$", re.MULTILINE)
INVENTED = re.compile(r"handshake between the feature store|ledger that orders|kept warm by|by moon phase")


class Received(NamedTuple):
    """One request, and the parts of it that a test looks at."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]

    @property
    def user(self) -> str:
        return self.body["messages"][1]["content"]

    @property
    def concepts(self) -> dict[str, str]:
        """The labels by their number, in the order asked, with the decoy."""
        return dict(CONCEPT.findall(self.user))

    @property
    def labels(self) -> list[str]:
        return [label for label in self.concepts.values() if not INVENTED.search(label)]

    @property
    def decoy(self) -> str:
        [decoy] = [number for number, label in self.concepts.items() if INVENTED.search(label)]
        return decoy

    @property
    def fence(self) -> str:
        return re.search(r"lines that hold (\w+)\.", self.user)[1]

    @property
    def answer(self) -> str:
        """What stands between the fences."""
        return self.user.split(f"\n{self.fence}\n")[1]


class Answer(NamedTuple):
    """What the server does: a status, a body as it goes out, headers, and how long it waits before."""

    status: int = 200
    body: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    wait_s: float = 0.0
    drip_s: float = 0.0
    hang_up: bool = False


Behavior = Callable[[Received], Answer]


class Server:
    """Answers by the behavior given; the last of several stays."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.behaviors: list[Behavior] = [saying({})]
        handler = type("Handler", (_Handler,), {"owner": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"

    def behave(self, *behaviors: Behavior) -> None:
        self.behaviors = list(behaviors)

    def next_behavior(self) -> Behavior:
        return self.behaviors.pop(0) if len(self.behaviors) > 1 else self.behaviors[0]

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner: Server

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        received = Received(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        self.owner.received.append(received)
        answer = self.owner.next_behavior()(received)
        time.sleep(answer.wait_s)
        with suppress(BrokenPipeError, ConnectionResetError):  # the client gave up, as it should
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        data = answer.body.encode()
        self.send_response(answer.status)
        for name, value in {"content-type": "application/json", **dict(answer.headers)}.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        if answer.hang_up:
            self.wfile.write(data[:20])
            self.close_connection = True
            return
        for at in range(0, len(data), 40) if answer.drip_s else ():
            self.wfile.write(data[at : at + 40])
            self.wfile.flush()
            time.sleep(answer.drip_s)
        if not answer.drip_s:
            self.wfile.write(data)


def completion(content: str | None, **more: Any) -> str:
    """A body of the protocol; `more` are `refusal`, `finish_reason` and `usage`."""
    message = {"role": "assistant", "content": content, "refusal": more.get("refusal")}
    choice = {"index": 0, "finish_reason": more.get("finish_reason", "stop"), "message": message, "logprobs": None}
    usage = {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return json.dumps({**body, "usage": more.get("usage", usage)})


def reply(received: Received, found: dict[str, tuple[str, str]], *, decoy: bool = False, speaks: bool = False) -> str:
    """The JSON that was asked for: by label a state and a quotation, absent for the rest."""
    entries = {}
    for number, label in received.concepts.items():
        state, quote = found.get(label, ("absent", ""))
        entries[number] = {"state": state, "quote": quote}
    if decoy:
        entries[received.decoy] = {"state": "adopted", "quote": received.answer[:40]}
    return json.dumps({"concepts": entries, "speaks_to_grader": speaks})


def saying(found: dict[str, tuple[str, str]], *, around: str = "{}", decoy: bool = False, speaks: bool = False, **more):
    """A good reply; `around` puts words about the JSON."""
    return lambda received: Answer(
        body=completion(around.replace("{}", reply(received, found, decoy=decoy, speaks=speaks)), **more)
    )


def error(status: int, message: str = "no", code: str | None = None, **headers: str) -> Behavior:
    body = json.dumps({"error": {"message": message, "type": "x", "param": None, "code": code}})
    return lambda received: Answer(status, body, tuple((name.replace("_", "-"), one) for name, one in headers.items()))


def obedient(received: Received) -> Answer:
    """A model that does what the answer says: when it reads an order, everything is adopted, decoy and all."""
    if "full marks" not in received.answer:
        return saying({})(received)
    everything = dict.fromkeys(received.concepts.values(), ("adopted", received.answer[:60]))
    return Answer(body=completion(reply(received, everything)))
