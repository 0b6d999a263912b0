"""The app without a browser: its pages are run by Streamlit's AppTest and read like a screen."""

from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

import ui

APP = Path(ui.__file__).parents[1] / "app.py"
SLUG = "ads-ranking"


class Screen:
    """One visit. Every action runs the page again and fails the test if that ends in an exception."""

    def __init__(self, user: dict[str, Any] | None = None) -> None:
        """With a `user`, people sign in, and these are the claims about this visitor."""
        self.at = AppTest.from_file(str(APP), default_timeout=30)
        if user is not None:
            self.at.secrets["auth"] = {"client_id": "windtunnel"}
            self.at.user = user
        self.run()

    def run(self) -> None:
        self.at.run()
        assert [one.value for one in self.at.exception] == []

    def open(self, page: str, **parameters: str) -> "Screen":
        """Go to a page as an address does: with these parameters and no others."""
        self.at.switch_page(f"pages/{page}.py")
        self.at.query_params.clear()
        for name, value in parameters.items():
            self.at.query_params[name] = value
        self.run()
        return self

    def field(self, kind: str, label: str) -> Any:
        """The one widget of a kind with a label."""
        found = [one for one in self.at.get(kind) if one.label == label]
        assert len(found) == 1, f"{len(found)} of {label!r} among {[one.label for one in self.at.get(kind)]}"
        return found[0]

    def click(self, label: str) -> None:
        self.field("button", label).click()
        self.run()

    def press(self, key: str) -> None:
        """Click the button with a key, where several have one label."""
        self.at.button(key=key).click()
        self.run()

    def step(self, name: str) -> None:
        """Open a step of the review."""
        [steps] = [one for one in self.at.segmented_control if one.key.startswith("step:")]
        steps.set_value(name)
        self.run()

    def set(self, kind: str, label: str, value: Any) -> None:
        self.field(kind, label).set_value(value)
        self.run()

    def has(self, kind: str, label: str) -> bool:
        return any(one.label == label for one in self.at.get(kind))

    def values(self, *kinds: str) -> list[str]:
        """What elements such as `error` or `caption` say, without the backslashes that keep Markdown quiet."""
        return [one.value.replace("\\", "") for kind in kinds for one in self.at.get(kind)]

    @property
    def title(self) -> str:
        [title] = self.values("title")
        return title

    @property
    def errors(self) -> list[str]:
        return self.values("error")

    def says(self, text: str) -> bool:
        """Whether any text on the screen holds this one."""
        kinds = ("title", "subheader", "markdown", "caption", "text", "info", "warning", "error")
        return any(text in value for value in self.values(*kinds))
