"""YAML as people write it: numbers like 1e6 are numbers, yes and 12:30 are words, a key may stand only once.

PyYAML follows YAML 1.1, in which `1e6` is text, `no` is false and `12:30` is 750. The scalar rules below are the core
schema of YAML 1.2 (chapter 10.3). Anchors are refused: a few bytes of them can stand for gigabytes.
"""

import re
from typing import Any

import yaml

MAX_BYTES = 500_000
MAX_DEPTH = 40


class NotYaml(ValueError):
    """The text cannot be read; the message says where and why."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader without its scalar rules; ours are added below."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark: yaml.Mark = self.peek_event().start_mark  # type: ignore[no-untyped-call]  # PyYAML's stubs lack it
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(None, None, "anchors and aliases (& and *) are not read", mark)
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(None, None, f"nested more than {MAX_DEPTH} deep", mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in [
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9][0-9_]*", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
]:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _whole_number(loader: _Loader, node: yaml.ScalarNode) -> int:
    return int(str(loader.construct_scalar(node)).replace("_", ""))  # 010 is ten, not eight


_Loader.add_constructor("tag:yaml.org,2002:int", _whole_number)


def read_yaml(text: str) -> Any:
    """What the text says, as dicts, lists, strings, numbers, booleans and None. Raise NotYaml if it cannot be read."""
    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise NotYaml(f"the text is longer than {MAX_BYTES:,} bytes; a design or answer needs far less")
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - _Loader is a SafeLoader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else "the text"
        raise NotYaml(f"{where} is not YAML: {error.problem}; check the indentation and the colons there") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise NotYaml(f"the text is not YAML: {error}") from error


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, _data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002 - PyYAML's name
        super().increase_indent(flow, False)


def write_yaml(data: object) -> str:
    """Data as YAML text that `read_yaml` reads back unchanged."""
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
