"""A question of the interviewer in a model's words: what is asked of the model, and what of its reply is taken.

Only the question itself is sent. A reply is taken if it asks the same: the same quoted words, the same numbers, as many
question marks, no more words than allowed, and no praise. Otherwise the question stays as it was.
"""

import re
import threading

from rubrics.model_task import Endpoint, Limits

LIMITS = Limits(request_s=6.0, total_s=6.0, attempts=1)
_SYSTEM = (
    "You are an interviewer in an ML system design interview. Say the question that follows in your own plain words, "
    "as one line. Keep every quotation in “ ” and every number exactly as it is, ask nothing else, do not "
    "praise, explain or answer, and use fewer than 25 words."
)
_QUOTED = re.compile("“[^”]*”")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_PRAISE = re.compile(r"(?i)\b(good|great|excellent|nice|well done|impressive|correct|right answer|interesting)\b")


def messages(question: str) -> tuple[tuple[str, str], ...]:
    """What a model is told and sent."""
    return ("system", _SYSTEM), ("user", question)


def taken(question: str, reply: str, most_words: int) -> str | None:
    """The reply if it asks the same as the question; else None."""
    text = reply.strip().strip('"').strip()
    same = (
        sorted(_QUOTED.findall(text)) == sorted(_QUOTED.findall(question))
        and sorted(_NUMBER.findall(text)) == sorted(_NUMBER.findall(question))
        and text.count("?") == question.count("?")
    )
    is_short = 0 < len(text.split()) <= max(most_words, len(question.split()))
    return text if same and is_short and "\n" not in text and not _PRAISE.search(text) else None


class Rewording:
    """One question that is being said in other words, in the background and for seconds at most."""

    def __init__(self, question: str, endpoint: Endpoint, most_words: int, limits: Limits = LIMITS):
        self.question = question
        self.text: str = question
        self.is_reworded = False
        self._thread = threading.Thread(target=self._ask, args=(endpoint, most_words, limits), daemon=True)

    def start(self) -> "Rewording":
        self._thread.start()
        return self

    @property
    def is_over(self) -> bool:
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _ask(self, endpoint: Endpoint, most_words: int, limits: Limits) -> None:
        from rubrics.llm_grader import Failed, reply_to  # noqa: PLC0415 - openai takes a second to import

        try:
            found = taken(self.question, reply_to(messages(self.question), endpoint, limits), most_words)
        except Failed:
            return
        if found is not None:
            self.text, self.is_reworded = found, True
