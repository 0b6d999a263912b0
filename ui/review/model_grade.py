"""A model's opinion of the answer, if the person wants one: shown beside the own levels, and never merged with them."""

import os

import streamlit as st
from pydantic import SecretStr, ValidationError
from streamlit.delta_generator import DeltaGenerator

from practice.attempt import Attempt
from practice.model_endpoint import FIXED_URL, OWN_KEY, environment_url
from practice.model_review import tasks
from question_bank.schema import Question
from rubrics import load_rubric
from rubrics.inquiry import Inquiry
from rubrics.model_cost import Prices, estimate
from rubrics.model_task import Endpoint, Task
from ui.review.model_opinions import opinions
from ui.words import dollars, many, plain

_INQUIRIES, _SETTINGS = "model_inquiries", "model_settings"


@st.fragment
def model_grade(question: Question, attempt: Attempt) -> None:
    """The settings behind an expander, and below it what came back."""
    asked = st.session_state.setdefault(_INQUIRIES, {})
    inquiry: Inquiry | None = asked.get(attempt.id)
    prepared = tasks(question, attempt)
    with st.expander("A model's opinion (optional)", key="model_grade"):
        st.markdown(
            "A language model of your choice can look for the concepts of this question in your answer. The rubric "
            "turns what it finds into levels up to 3. They stand beside your own and change nothing on the card."
        )
        if not prepared[0].prepared.text.strip():
            st.info("There is no text in your answer that could be sent.")
            return
        endpoint, prices = _settings()
        _what_is_sent(prepared, endpoint)
        _what_it_takes(prepared, prices)
        is_running = inquiry is not None and not inquiry.is_over
        if st.button("Ask", key="model_ask", type="primary", disabled=endpoint is None or is_running) and endpoint:
            asked[attempt.id] = Inquiry(prepared, endpoint).start()
            st.rerun()
    if inquiry is None:
        return
    if not inquiry.is_over:
        st.fragment(_progress, run_every=0.7)(inquiry)
    if inquiry.tasks != prepared:
        st.caption("Your answer has changed since; this is about the one that was sent.")
    opinions(inquiry, attempt, prices)


def model_levels(attempt_id: str) -> dict[str, int]:
    """The levels of the newest opinion in this session, by dimension."""
    inquiry: Inquiry | None = st.session_state.get(_INQUIRIES, {}).get(attempt_id)
    found = inquiry.opinions if inquiry is not None else ()
    return {one.dimension: one.level for one in found if one.level is not None}


def _progress(inquiry: Inquiry) -> None:
    """Polled; what has come back is drawn again with the whole page when all is over."""
    done, total = len(inquiry.opinions), len(inquiry.tasks)
    if inquiry.is_over:
        st.rerun()
    title = load_rubric().dimension(inquiry.tasks[min(done, total - 1)].dimension).title
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(done / total, text=f"Asking about {title.lower()}, {done + 1} of {total}")
        if st.button("Cancel", key="model_cancel"):
            inquiry.cancel()
            inquiry.wait(5)
            st.rerun()


def _settings() -> tuple[Endpoint | None, Prices]:
    """The fields; None for an endpoint that cannot be asked yet."""
    left, right = st.columns(2, gap="medium")
    endpoint = endpoint_fields(left, right)
    with right:
        price_in, price_out = st.columns(2)
        usd_in = price_in.number_input("USD per million in", 0.0, None, None, key="model_usd_in", placeholder="unknown")
        usd_out = price_out.number_input(
            "USD per million out", 0.0, None, None, key="model_usd_out", placeholder="unknown"
        )
    return endpoint, Prices(usd_per_million_in=usd_in, usd_per_million_out=usd_out)


def endpoint_fields(left: DeltaGenerator, right: DeltaGenerator) -> Endpoint | None:
    """Address and model at the left, the key at the right; None while nothing can be asked. The key stays in its field
    and is copied nowhere.
    """
    kept: dict[str, str] = st.session_state.setdefault(_SETTINGS, {})
    fixed = os.environ.get(FIXED_URL)
    with left:
        url = st.text_input(
            "Address of the endpoint",
            fixed or kept.get("url") or environment_url(),
            key="model_url",
            disabled=fixed is not None,
            help="Any that speaks OpenAI's chat completions, such as http://localhost:11434/v1 for Ollama.",
        )
        model = st.text_input("Model", kept.get("model", ""), key="model_name", placeholder="its name at that endpoint")
    with right:
        key = _key(fixed or url)
    kept |= {"url": url, "model": model}
    return _endpoint(fixed or url, model.strip(), key)


def _key(url: str) -> str:
    """The key typed here, or else that of the environment, which goes to the address of the environment alone."""
    typed = st.text_input(
        "Key",
        key="model_key",
        type="password",
        autocomplete="off",
        help="It stays in this session and is never stored.",
    )
    ours = os.environ.get(OWN_KEY, "")
    if typed or not ours:
        return typed.strip()
    if url.strip().rstrip("/") != environment_url().rstrip("/"):
        st.caption(f"The key in {OWN_KEY} is only for {plain(environment_url())}, and is not used here.")
        return ""
    st.caption(f"The key in the environment ({OWN_KEY}) is used.")
    return ours


def _endpoint(url: str, model: str, key: str) -> Endpoint | None:
    try:
        endpoint = Endpoint(base_url=url, model=model or "-", key=SecretStr(key))
    except ValidationError as error:
        st.error(plain(error.errors(include_input=False)[0]["msg"].removeprefix("Value error, ").capitalize()) + ".")
        return None
    if not endpoint.is_encrypted and not endpoint.is_on_this_machine:
        st.warning(f"The way to {plain(endpoint.host)} is not encrypted: others on it can read the key and the text.")
    if not model:
        st.caption("Name a model to go on.")
        return None
    if not key and not endpoint.is_on_this_machine:
        st.caption(f"{plain(endpoint.host)} needs a key.")
        return None
    return endpoint


def _what_is_sent(prepared: tuple[Task, ...], endpoint: Endpoint | None) -> None:
    host = f"**{plain(endpoint.host)}**" if endpoint else "the endpoint"
    st.markdown(
        f"If you ask, your answer's text is sent to {host}, with the concepts of this question. Your levels, the "
        "card, the worksheet, the design, the runs and your answers to follow-up questions are not sent."
    )
    removed = prepared[0].prepared.removed
    if removed:
        shown = (one if len(one) <= 300 else f"{one[:297]}..." for one in removed)
        st.warning(
            "Not sent, because it speaks to a grader, plays another role or is encoded:\n"
            + "".join(f"\n- {plain(one)}" for one in shown)
        )


def _what_it_takes(prepared: tuple[Task, ...], prices: Prices) -> None:
    expected = estimate(prepared)
    usd = prices.usd(expected.tokens_in, expected.tokens_out)
    cost = f", about {dollars(usd)}" if usd is not None else ""
    st.markdown(
        f"It takes {many(expected.requests, 'request')}: two for each dimension, about {_round(expected.tokens_in)} "
        f"tokens in and {_round(expected.tokens_out)} out{plain(cost)}. A model that thinks first uses more."
    )


def _round(tokens: int) -> str:
    return f"{round(tokens, -2 if tokens < 10_000 else -3):,}"
