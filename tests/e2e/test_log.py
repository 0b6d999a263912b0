"""What the server writes to its log when something breaks: which kind of error and where, and no value of it."""

import pytest

from benchmarks.websocket_client import Visitor
from storage.attempts import save_design, start_attempt
from storage.database import writing
from tests.e2e.app_server import AppServer
from tests.e2e.screen import PERSON, QUESTION
from tests.own_loop import to_the_end
from tests.storage.material import design

pytestmark = pytest.mark.e2e
SECRET = "a sentence of somebody's answer"


async def visit(url: str, attempt: str) -> bytes:
    """Open an attempt, then break its design, and ask in a fragment, which fails, and open it again, which fails."""
    visitor = Visitor(url)
    await visitor.connect()
    await visitor.open("interview", f"attempt={attempt}")
    with writing() as db:
        db.execute("update designs set data = ? where attempt = ?", [f'{{"name": "{SECRET}"}}', attempt])
    await visitor.set("Your question", "string_value", "How many?", ("Ask", "trigger_value", True))
    await visitor.open("interview", f"attempt={attempt}")
    await visitor.close()
    return b"".join(visitor.seen)


def test_an_error_with_an_answer_in_its_message_leaves_no_word_of_it_in_the_log(own_server: AppServer):
    attempt = start_attempt(PERSON, QUESTION)
    save_design(PERSON, attempt, design())
    seen = to_the_end(visit(own_server.url, attempt))
    said = own_server.said()
    assert said.count("Uncaught app execution: ValidationError at simulator/design_file.py:") == 2, said
    assert '"kind": "ValidationError", "place": "simulator/design_file.py:' in said
    assert SECRET not in said
    assert "Traceback" not in said
    assert SECRET.encode() not in seen
