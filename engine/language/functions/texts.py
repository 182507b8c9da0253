"""Functions on text."""

import hashlib
from base64 import b64encode
from typing import Annotated, Final
from urllib.parse import quote

import jiter

from engine.json_bytes import dump
from engine.language.comparison import contains as has
from engine.language.frame import Frame
from engine.language.functions.function import Entries, Items, function
from engine.language.patterns import Pattern, compile_glob, compile_pattern
from engine.language.walks import plain, text_of

#: Characters of a pattern that are compiled in one step, and bytes times instructions that are matched in one.
_COMPILED_AT_ONCE: Final = 8
_MATCHED_AT_ONCE: Final = 1 << 14


@function("contains('a critical one', 'critical')", "true")
def contains(frame: Frame, container: str | Items | Entries, part: object) -> object:
    """Whether a text has the part, a list the item, or a mapping the key."""
    return has(container, part, frame, "contains")


@function("starts_with('github.push', 'github.')", "true")
def starts_with(text: str, beginning: str) -> bool:
    """Whether the text begins so."""
    return text.startswith(beginning)


@function("ends_with('shop.example.com', '.example.com')", "true")
def ends_with(text: str, ending: str) -> bool:
    """Whether the text ends so."""
    return text.endswith(ending)


@function("glob('github.pull_request.closed', 'github.*.closed')", "true")
def glob(frame: Frame, text: str, pattern: Annotated[str, compile_glob]) -> bool:
    """Whether the whole text fits the pattern: `*` stands for any characters, `?` for one."""
    return _found(compile_glob(pattern), text, frame)


@function("regex('CVE-2026-1234', '^CVE-\\d{4}-\\d+$')", "true")
def regex(frame: Frame, text: str, pattern: Annotated[str, compile_pattern]) -> bool:
    """Whether the regular expression (RE2) is found anywhere in the text."""
    frame.spend(len(pattern) // _COMPILED_AT_ONCE)
    return _found(compile_pattern(pattern), text, frame)


@function("lower('Critical')", "'critical'")
def lower(text: str) -> str:
    """The text in lower case."""
    return text.lower()


@function("upper('high')", "'HIGH'")
def upper(text: str) -> str:
    """The text in upper case."""
    return text.upper()


@function("trim('  a b ')", "'a b'")
def trim(text: str) -> str:
    """The text without space around it."""
    return text.strip()


@function("replace('a-b-c', '-', '.')", "'a.b.c'")
def replace(frame: Frame, text: str, old: str, new: str) -> str:
    """The text with every `old` written as `new`."""
    if not old:
        raise ValueError("there is nothing to replace: `old` is empty")
    frame.expect(len(text) + text.count(old) * (len(new) - len(old)))
    return text.replace(old, new)


@function("split('a,b', ',')", "['a', 'b']")
def split(frame: Frame, text: str, separator: str) -> Items:
    """The parts of the text between the separators."""
    if not separator:
        raise ValueError("the separator is empty")
    frame.expect(text.count(separator))
    return list(text.split(separator))


@function("join(['a', 1, true], ', ')", "'a, 1, true'")
def join(frame: Frame, items: Items, separator: str) -> str:
    """The items in one text, each written as templates do."""
    texts = [text_of(item, frame) for item in items]
    frame.expect(len(separator) * len(texts))
    return separator.join(texts)


@function("length('abc') + length([1, 2])", "5")
def length(value: str | Items | Entries) -> int:
    """How many characters, items or entries there are."""
    return len(value)


@function("str(1.5) + str(true)", "'1.5true'")
def str_(frame: Frame, value: object) -> str:
    """The value as text, as templates write it: text as it is, everything else as JSON."""
    return text_of(value, frame)


@function("json({'a': [1, null]})", "'{\"a\":[1,null]}'")
def json(frame: Frame, value: object) -> str:
    """The value as JSON."""
    return dump(plain(value, frame)).decode()


@function("parse_json('{\"a\": [1, null]}').a", "[1, null]")
def parse_json(frame: Frame, text: str) -> object:
    """The value that the JSON text holds."""
    frame.expect(len(text))
    return plain(jiter.from_json(text.encode(), catch_duplicate_keys=True, allow_inf_nan=False), frame)


@function("base64('user:pass')", "'dXNlcjpwYXNz'")
def base64(text: str) -> str:
    """The text's UTF-8 bytes in base64."""
    return b64encode(text.encode()).decode()


@function("url_encode('a b/c')", "'a%20b%2Fc'")
def url_encode(text: str) -> str:
    """The text as it can stand in one part of a URL's path or query."""
    return quote(text, safe="")


@function("sha256('abc')", "'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'")
def sha256(text: str) -> str:
    """The SHA-256 of the text's UTF-8 bytes, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _found(pattern: Pattern, text: str, frame: Frame) -> bool:
    """Search in time that is paid for: at worst every instruction of the pattern looks at every byte."""
    frame.spend(pattern.programsize * len(text) // _MATCHED_AT_ONCE)
    return pattern.search(text.encode()) is not None
