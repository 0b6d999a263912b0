"""A model may say a question in its own words; what asks anything else is not taken, and nothing ends in an error."""

from collections.abc import Iterator

import pytest

from rubrics.model_task import Endpoint, Limits
from rubrics.rewording import Rewording, taken
from tests.rubrics.openai_server import Answer, Server, completion, error

QUESTION = "“We batch on the GPU”: traffic is 10 times higher. What breaks first?"
GOOD = "You said “We batch on the GPU”. With 10 times the traffic, what gives way first?"


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    yield started
    started.close()


def reworded(server: Server, **limits: float) -> Rewording:
    endpoint = Endpoint(base_url=server.url, model="m-1")
    work = Rewording(QUESTION, endpoint, 24, Limits(request_s=2.0, total_s=3.0, attempts=1, **limits)).start()
    work.wait(10)
    assert work.is_over
    return work


def says(text: str):
    return lambda received: Answer(body=completion(text))


def test_a_faithful_reply_is_taken_and_only_the_question_was_sent(server):
    server.behave(says(GOOD))
    work = reworded(server)
    assert (work.text, work.is_reworded) == (GOOD, True)
    [received] = server.received
    assert [one["content"] for one in received.body["messages"] if one["role"] == "user"] == [QUESTION]
    assert "response_format" not in received.body


@pytest.mark.parametrize(
    "reply",
    [
        "You said “We batch on CPUs”. With 10 times the traffic, what gives way first?",
        "You said “We batch on the GPU”. With 100 times the traffic, what gives way first?",
        "You said “We batch on the GPU”. With 10 times the traffic, what gives way? And who pays?",
        "Good point: “We batch on the GPU”. With 10 times the traffic, what gives way first?",
        "You said “We batch on the GPU”.\nWith 10 times the traffic, what gives way first?",
        f"{GOOD} {'word ' * 30}",
        "",
        "The ranker breaks first.",
    ],
    ids=["misquoted", "another number", "two questions", "praise", "two lines", "long", "empty", "an answer"],
)
def test_a_reply_that_asks_something_else_is_not_taken(reply):
    assert taken(QUESTION, GOOD, 24) == GOOD
    assert taken(QUESTION, reply, 24) is None


@pytest.mark.parametrize(
    "behavior",
    [
        error(500),
        error(401),
        error(429),
        lambda received: Answer(body="no json"),
        lambda received: Answer(body=completion(GOOD), hang_up=True),
        lambda received: Answer(body=completion(GOOD), wait_s=4.0),
        lambda received: Answer(body=completion(None, refusal="I will not")),
    ],
    ids=["fails", "refuses the key", "too often", "no json", "hangs up", "too late", "refuses"],
)
def test_whatever_an_endpoint_does_the_question_stays_as_it_was(server, behavior):
    server.behave(behavior)
    work = reworded(server)
    assert (work.text, work.is_reworded) == (QUESTION, False)


def test_without_a_key_nothing_is_sent_to_another_machine():
    work = Rewording(QUESTION, Endpoint(base_url="https://example.invalid/v1", model="m"), 24).start()
    work.wait(10)
    assert (work.is_over, work.text) == (True, QUESTION)
