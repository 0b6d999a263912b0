"""A design with the luck of its run as one text: a file to keep, or the parameter of a link, which needs no server.

A link's text is a version, a point, and base64url of deflated compact JSON. What comes from outside is refused in
bounded time and memory, with a sentence.
"""

import base64
import json
import re
import zlib
from typing import Annotated, Any, Literal, NoReturn

from pydantic import Field, ValidationError

from simulator.design import Design
from simulator.design_file import DesignProblem, design_from, plain
from simulator.messages import sentences
from simulator.spec import Spec
from simulator.yaml_text import MAX_BYTES, NotYaml, read_yaml, write_yaml

VERSION = 1
LONGEST_LINK = 7_000  # characters; common servers take 8 kB for the whole first line of a request
MOST_JSON = 100_000  # bytes after decompression
_TEXT = re.compile(r"(\d{1,6})\.([A-Za-z0-9_-]+)", re.ASCII)


class Shared(Spec):
    """A design with its faults and knobs as they are, and the seed."""

    version: Literal[1] = 1
    seed: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    design: Design


class ShareProblem(ValueError):
    """What cannot be opened; `problems` holds a sentence for each thing that is wrong."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


class TooLongForALink(ValueError):
    """The design does not fit into a link; the message says how long it would be."""


def link_text(shared: Shared) -> str:
    """The parameter of a link. Raise TooLongForALink."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    written = json.dumps(_plain(shared), separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    deflated = packed.compress(written.encode()) + packed.flush()
    text = f"{VERSION}.{base64.urlsafe_b64encode(deflated).decode().rstrip('=')}"
    if len(text) > LONGEST_LINK or len(written.encode()) > MOST_JSON:
        raise TooLongForALink(
            f"The link would have {len(text):,} characters, and {LONGEST_LINK:,} is the most that servers on the way "
            "are sure to take. Share the file instead."
        )
    return text


def from_link(text: str) -> Shared:
    """What a link's parameter holds. Raise ShareProblem."""
    if len(text) > LONGEST_LINK:
        _refuse(f"the link has {len(text):,} characters, and {LONGEST_LINK:,} is the most; ask for the file instead")
    found = _TEXT.fullmatch(text)
    if found is None:
        _refuse("the link is damaged: it holds characters that no link of this program has; copy the whole link again")
    if int(found[1]) != VERSION:
        _refuse(f"the link is of version {int(found[1])}, and this program reads version {VERSION}; ask for a new one")
    return _shared(_json(_inflated(found[2])))


def _inflated(text: str) -> bytes:
    """At most `MOST_JSON` bytes, whatever the text promises."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        stream = zlib.decompressobj(-15)
        data = stream.decompress(raw, MOST_JSON + 1)
    except (ValueError, zlib.error) as error:
        raise ShareProblem(["the link is damaged, so it cannot be unpacked; copy the whole link again"]) from error
    if len(data) > MOST_JSON:
        _refuse(f"the link unpacks to more than {MOST_JSON:,} bytes; a design needs far less")
    if not stream.eof or stream.unused_data:
        _refuse("the link is cut off or has something behind it; copy the whole link again")
    return data


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:  # a broken text, bytes that are no UTF-8, a number of many digits
        raise ShareProblem(["what the link unpacks to is not a design; copy the whole link again"]) from error


def write_shared(shared: Shared) -> str:
    """The file: YAML that `read_shared` gives the same back from."""
    return write_yaml(_plain(shared))


def read_shared(text: str) -> Shared:
    """What a file says: a shared design, or a design file, which has no seed. Raise ShareProblem."""
    if len(text) > MAX_BYTES:
        _refuse(f"the file has {len(text):,} characters, and {MAX_BYTES:,} is the most; a design needs far less")
    try:
        data = read_yaml(text)
    except NotYaml as problem:
        raise ShareProblem([str(problem)]) from problem
    if isinstance(data, dict) and "components" in data:
        data = {"version": VERSION, "design": data}
    return _shared(data)


def _plain(shared: Shared) -> dict[str, Any]:
    seed = {"seed": shared.seed} if shared.seed != 1 else {}
    return {"version": shared.version, **seed, "design": plain(shared.design)}


def _shared(data: Any) -> Shared:
    if not isinstance(data, dict) or "design" not in data:
        _refuse("there is no design in it; share one from the wind tunnel")
    if data.get("version") != VERSION:
        _refuse(f"it is of version {str(data.get('version'))[:20]!r}, and this program reads version {VERSION}")
    rest = {key: value for key, value in data.items() if key != "design"}
    try:
        return Shared.model_validate({**rest, "design": design_from(data["design"])})
    except DesignProblem as problem:
        raise ShareProblem(problem.problems) from problem
    except ValidationError as error:
        raise ShareProblem(sentences(error, rest)) from error


def _refuse(sentence: str) -> NoReturn:
    raise ShareProblem([sentence])
