"""Plain values as YAML that :mod:`engine.language.yaml12` reads back as the same values."""

import json
import re
from typing import Any

import yaml

from engine.language.scalars import read_scalar

#: Signs that the loader reads within double quotes alone: line breaks of YAML 1.1, and the mark of a byte order.
_ESCAPED = re.compile("[\x85\u2028\u2029\ufeff]")
#: Marks of direction: they show a line as another one than it is, to whoever reads it before it is committed.
_DIRECTION = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
#: What would leave a block open, so that the document needs an end of its own.
_OPEN = re.compile(r"^\n*\Z|\n\n\Z")
_TEXT = "tag:yaml.org,2002:str"


class _Dumper(yaml.SafeDumper):
    """Writes scalars as the loader reads them: it has rules of its own for what is text."""

    # The library would quote what only YAML 1.1 takes for something else, such as `on`, and tag what is left.
    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012 - the library's own attribute

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401 - as the library declares it
        """Write a value again where it stands again: the loader takes no aliases."""
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:  # noqa: ANN401, FBT001, FBT002
        """Indent lists below their key, as people write them."""
        return super().increase_indent(flow, False)  # noqa: FBT003 - the library passes it by place


def dump(value: object) -> str:
    """Return a value of mappings, lists, texts, numbers, true, false and null as YAML, in the order that it has."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10**6)
    return _DIRECTION.sub(lambda mark: f"\\u{ord(mark[0]):04X}", text)  # each stands within double quotes


def _write_text(dumper: _Dumper, text: str) -> yaml.Node:
    if not _is_text(text) or any(pattern.search(text) for pattern in (_ESCAPED, _DIRECTION, _OPEN)):
        return dumper.represent_scalar(_TEXT, text, style='"')
    return dumper.represent_scalar(_TEXT, text, style="|" if "\n" in text else None)


def _write_word(dumper: _Dumper, value: object) -> yaml.Node:
    return dumper.represent_scalar(_TEXT, json.dumps(value))


def _is_text(text: str) -> bool:
    """Tell whether an unquoted scalar is read as the text that it is."""
    try:
        return isinstance(read_scalar(text), str)
    except ValueError:
        return False


_Dumper.add_representer(str, _write_text)
for _kind in (bool, int, float, type(None)):
    _Dumper.add_representer(_kind, _write_word)
