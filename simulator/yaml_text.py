"""YAML as people write it: numbers like 1e6 are numbers, yes and 12:30 are words, a key may stand only once.

PyYAML follows YAML 1.1, in which `1e6` is text, `no` is false and `12:30` is 750. The scalar rules below are the core
schema of YAML 1.2 (chapter 10.3). Anchors are refused: a few bytes of them can stand for gigabytes.
"""

import re
from typing import Any

import yaml

MAX_BYTES = 500_000
MAX_NODES = 150_000  # words, numbers, lists and mappings; each takes time and memory whatever it says
MAX_DEPTH = 40
MAX_DIGITS = 40
LARGE = 200_000  # characters; the slower loader takes a third of a second for so many


class NotYaml(ValueError):
    """The text cannot be read; the message says where and why."""


class _KeysOnce(yaml.constructor.SafeConstructor):
    """Mappings in which every key is a word and stands once."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(None, None, "a key must be a single word", key.start_mark)
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class _Loader(_KeysOnce, yaml.SafeLoader):
    """PyYAML's safe loader without its scalar rules; ours are added below."""

    depth = 0
    nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs lack it
        mark: yaml.Mark = event.start_mark  # type: ignore[assignment]  # the same class by another name
        self.nodes += 1
        self.depth += 1
        _refuse(event, mark, self.nodes, self.depth)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node


_HAS_LIBYAML = hasattr(yaml, "CSafeLoader")


class _QuickLoader(_KeysOnce, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # chosen at import
    """The same on libyaml, where PyYAML has been built with it; it does not look for what is refused."""


_DIFFERENT = re.compile("[\t\ufeff]")
_REFUSED = re.compile(r"(?:^|[\s\[{,:-])[&*!][\w!]")  # what may be an anchor, an alias or a tag

_Loader.yaml_implicit_resolvers = {}
_QuickLoader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9][0-9_]*", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
]:
    for _kind in (_Loader, _QuickLoader):
        _kind.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    digits = str(loader.construct_scalar(node)).replace("_", "")
    if len(digits) > MAX_DIGITS:
        raise yaml.MarkedYAMLError(None, None, f"a number of more than {MAX_DIGITS} digits", node.start_mark)
    return int(digits)  # 010 is ten, not eight


_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)
_QuickLoader.add_constructor("tag:yaml.org,2002:int", _whole_number)


def read_yaml(text: str, *, most_bytes: int = MAX_BYTES) -> Any:
    """What the text says, as dicts, lists, strings, numbers, booleans and None. Raise NotYaml if it cannot be read."""
    if len(text) > most_bytes or len(text.encode("utf-8", "replace")) > most_bytes:
        raise NotYaml(f"the text is longer than {most_bytes:,} bytes; a design or answer needs far less")
    try:
        return yaml.load(text, Loader=_QuickLoader if _may_be_read_quickly(text) else _Loader)  # noqa: S506 - both safe
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the text"
        raise NotYaml(f"{where} is not YAML: {error.problem}; check the indentation and the colons there") from error
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        where = f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"
        raise NotYaml(f"{where} is not YAML: {error.reason}; take that character out") from error


def _may_be_read_quickly(text: str) -> bool:
    """Whether libyaml is there and finds nothing in the text that is refused. What it refuses or cannot read is left to
    the slower loader, which says so in its own words, unless that would take seconds: then raise libyaml's error.
    The two differ in tabs and byte order marks, so that these are left to the slower one as well.
    """
    if not _HAS_LIBYAML or (len(text) <= LARGE and _DIFFERENT.search(text)):
        return False
    try:
        _look_through(text)
    except (yaml.MarkedYAMLError, yaml.reader.ReaderError):
        if len(text) > LARGE:
            raise
        return False
    except UnicodeEncodeError:  # half of a character
        return False
    return True


def _look_through(text: str) -> None:
    """Raise a MarkedYAMLError at the first thing that is refused, without building anything."""
    depth = nodes = documents = 0
    for event in yaml.parse(text, Loader=_QuickLoader):
        mark: yaml.Mark = event.start_mark  # type: ignore[assignment]  # as above
        depth -= isinstance(event, yaml.CollectionEndEvent)
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            return  # a second document is an error, whatever is in it
        if not isinstance(event, yaml.NodeEvent):
            continue
        depth += isinstance(event, yaml.CollectionStartEvent)
        nodes += 1
        _refuse(event, mark, nodes, depth + isinstance(event, yaml.ScalarEvent))


def _refuse(event: yaml.Event, mark: "yaml.Mark", nodes: int, depth: int) -> None:
    """Raise a MarkedYAMLError for what is not read."""
    if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
        raise yaml.MarkedYAMLError(None, None, "anchors and aliases (& and *) are not read", mark)
    if (tag := getattr(event, "tag", None)) is not None:
        raise yaml.MarkedYAMLError(None, None, f"tags such as {tag.rsplit(':')[-1]!r} are not read", mark)
    if nodes > MAX_NODES:
        raise yaml.MarkedYAMLError(None, None, f"more than {MAX_NODES:,} values", mark)
    if depth > MAX_DEPTH:
        raise yaml.MarkedYAMLError(None, None, f"nested more than {MAX_DEPTH} deep", mark)


def read_own_yaml(text: str) -> Any:
    """What a file of the program itself says: as `read_yaml`, and several times as fast. Raise NotYaml as it does."""
    if _REFUSED.search(text):
        return read_yaml(text)
    try:
        return yaml.load(text, Loader=_QuickLoader)  # noqa: S506 - it is a SafeLoader
    except yaml.YAMLError:
        return read_yaml(text)  # which says what is wrong in its own words


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's name
        super().increase_indent(flow, False)


_Dumper.yaml_implicit_resolvers = {
    first: [*_Dumper.yaml_implicit_resolvers.get(first, []), *_Loader.yaml_implicit_resolvers.get(first, [])]
    for first in {*_Dumper.yaml_implicit_resolvers, *_Loader.yaml_implicit_resolvers}
}


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Text with unusual line ends is written with escapes, which is the only way to keep them."""
    unusual = any(end in text for end in "\x85\u2028\u2029")
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if unusual else None)


_Dumper.add_representer(str, _text)


def write_yaml(data: object) -> str:
    """Data as YAML text that `read_yaml` reads back unchanged."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
