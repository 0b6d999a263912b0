"""A visitor without a browser: speaks Streamlit's websocket protocol and sees every message that a browser would."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

PATIENCE_S = 60.0
XSRF = "_streamlit_xsrf"
RERUN_FOLLOWS = ForwardMsg.FINISHED_EARLY_FOR_RERUN


class Visitor:
    """One session. An interaction lasts from what is sent until the server says that the script has finished."""

    def __init__(self, url: str, cookies: Mapping[str, str] | None = None):
        self._origin, self._cookies = url, cookies or {}
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self.page, self.query = "", ""
        self.widgets: dict[str, tuple[str, Any, str]] = {}  # label or key: kind, message, fragment
        self.seen: list[bytes] = []
        self.sent_to = ""  # where the page leads the browser to sign in
        self.numbers_s = 0.0  # from what was sent last to the first new number on the page; 0 if there was none
        self._kept: dict[str, WidgetState] = {}
        self._page_hash = ""
        self._polls: dict[str, float] = {}
        self._socket: Any = None

    async def connect(self) -> None:
        """Open the websocket, as whoever the cookies say."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
        spoken = ["streamlit", *([self._cookies[XSRF]] if XSRF in self._cookies else [])]
        self._socket = await websockets.connect(
            self._url, subprotocols=spoken, max_size=None, ping_interval=None,
            **({"additional_headers": headers, "origin": self._origin} if self._cookies else {}),
        )  # fmt: skip

    async def close(self) -> None:
        """Leave, as a closed tab does."""
        await self._socket.close()

    async def open(self, page: str, query: str = "") -> float:
        """Go to a page; return the seconds that took."""
        self.page, self.query = page, query
        self.widgets, self._kept, self._page_hash = {}, {}, ""
        return await self._rerun([])

    async def set(self, name: str, field: str, value: Any, *also: tuple[str, str, Any]) -> float:
        """Set a widget, found by its label, and more at the same time; return the seconds until all is drawn."""
        sent = []
        for one, kind, given in ((name, field, value), *also):
            state = WidgetState(id=self.widgets[one][1])
            if kind == "double_array_value":
                state.double_array_value.data.append(given)
            else:
                setattr(state, kind, given)
            sent.append(state)
        return await self._rerun(sent, self.widgets[name][2])

    async def poll(self, at_most_s: float = 60.0) -> int:
        """Ask as often as the page wants to be asked while runs are under way; return how often that was."""
        until, times = time.monotonic() + at_most_s, 0
        while self._polls and time.monotonic() < until:
            fragment, interval_s = next(iter(self._polls.items()))
            await asyncio.sleep(interval_s)
            await self._rerun([], fragment)
            times += 1
        return times

    async def _rerun(self, changed: list[WidgetState], fragment: str = "") -> float:
        message = BackMsg()
        if fragment:
            self._polls.pop(fragment, None)
        else:
            self._polls.clear()
        asked = message.rerun_script
        asked.query_string, asked.fragment_id = self.query, fragment
        if self._page_hash:  # with a name the server would open the page anew, and forget its fragments
            asked.page_script_hash = self._page_hash
        else:
            asked.page_name = self.page
        for state in changed:
            if not state.WhichOneof("value").endswith("trigger_value"):
                self._kept[state.id] = state
        once = [state for state in changed if state.id not in self._kept]
        asked.widget_states.widgets.extend([*self._kept.values(), *once])
        begun, self.numbers_s = time.perf_counter(), 0.0
        await self._socket.send(message.SerializeToString())
        await asyncio.wait_for(self._until_finished(begun), PATIENCE_S)
        return time.perf_counter() - begun

    async def _until_finished(self, begun: float) -> None:
        while True:
            data = await self._socket.recv()
            self.seen.append(data)
            message = ForwardMsg.FromString(data)
            if message.WhichOneof("type") == "delta":
                self._remember(message)
                if not self.numbers_s and message.delta.new_element.WhichOneof("type") == "metric":
                    self.numbers_s = time.perf_counter() - begun
            elif message.WhichOneof("type") == "navigation":
                self._page_hash = message.navigation.page_script_hash
            elif message.WhichOneof("type") == "auth_redirect":
                self.sent_to = message.auth_redirect.url
            elif message.WhichOneof("type") == "auto_rerun":
                self._polls[message.auto_rerun.fragment_id] = message.auto_rerun.interval
            elif message.WhichOneof("type") == "script_finished" and message.script_finished != RERUN_FOLLOWS:
                return

    def _remember(self, message: ForwardMsg) -> None:
        element = message.delta.new_element
        kind = element.WhichOneof("type")
        if kind is None:
            return
        one = getattr(element, kind)
        if getattr(one, "id", ""):
            name = getattr(one, "label", "") or getattr(one, "component_name", kind)
            self.widgets[name] = (kind, one.id, message.delta.fragment_id)


def edit(document: str, text: str, sequence: int) -> str:
    """What the editor sends."""
    base = {"doc": document, "writer": "bench", "sequence": sequence, "base": 0, "text": text}
    return json.dumps({"edit": base})
