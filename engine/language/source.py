"""The text of an expression before Python's parser sees it: quoted texts set aside, foreign signs explained."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from keyword import kwlist
from typing import Final

from engine.errors import ExpressionError

MAX_LENGTH: Final = 2_000

#: A quoted text, with an ``r`` before it or not; templates use it to find the end of a hole.
QUOTED: Final = r"""(?:(?<!\w)[rR])?(?:'(?:[^'\\]++|\\.)*+'|"(?:[^"\\]++|\\.)*+")"""

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_ESCAPE = re.compile(r"\\(?:([\\'\"ntr])|x([0-9a-fA-F]{2})|u(?![dD][89a-fA-F])([0-9a-fA-F]{4}))")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\r"}

#: Signs of other languages, each with what to write instead. Order counts: longer ones come first.
_FOREIGN: Final[Mapping[str, str]] = {
    r"\$\{\{": "the expression stands alone here: take `${{` and `}}` away",
    r"\{\{": "the expression stands bare here, without {{ }}; what Blink calls event.payload is event.data",
    r"&&": "`&&` is not part of the language: write `and`",
    r"\|\|": "`||` is not part of the language: write `or`, or default(path, value) for a fallback",
    r"[=!]==": "write `==` or `!=`: comparison is always strict",
    r"!(?!=)": "`!` is not part of the language: write `not`",
    r"\?\.": "write a plain dot: a path that is not there is unknown, and default(path, value) fills in",
    r"\?\?": "`??` is not part of the language: write default(path, value)",
    r"\?": "`c ? x : y` is not part of the language: write `x if c else y`",
    r":=": "`:=` is not part of the language: nothing can be assigned",
    r"(?<![=!<>])=(?!=)": "`=` is not part of the language: compare with `==`; arguments have no names",
    r"\*\*": "`**` is not part of the language",
    r"#": "a comment cannot stand in an expression: write it as a YAML comment",
    r"[\u2018\u2019\u201c\u201d]": "write straight quotes: ' or \"",
    r"['\"]": "the text that begins here has no end: a quote is missing",
    r"[^\x00-\x7f]": "names are ASCII: quote a key with other letters, as in a['größe']",
    r"[\x00-\x08\x0e-\x1f\x7f\\;@`$]": "this sign is not part of the language",
}
_KEY_WITH_DASH: Final = r"(?<=\.)[A-Za-z_]\w*(?:-[A-Za-z_]\w*)+"
_KEYWORD_KEY: Final = rf"(?<=\.)(?:{'|'.join(kwlist)})\b"
_NUMBER_KEY: Final = r"(?<=[A-Za-z_)\]]\.)\d+"

_SCAN = re.compile(
    rf"(?P<quoted>{QUOTED})|(?P<dashed>{_KEY_WITH_DASH})|(?P<keyword>{_KEYWORD_KEY})|(?P<index>{_NUMBER_KEY})"
    rf"|(?P<number>(?<!\w)\d\w*(?:\.\w*)?(?:(?<=[eE])[+-]\d+)?)"
    rf"|(?P<foreign>{'|'.join(f'(?:{sign})' for sign in _FOREIGN)})",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Source:
    """An expression's text and what Python's parser is given of it."""

    #: As the author wrote it, without space around it.
    text: str
    #: The syntax tree; offsets in it are offsets in ``text``.
    tree: ast.expr
    #: Each quoted text, by the offset at which it begins.
    quoted: Mapping[int, str]

    def of(self, node: ast.expr) -> str:
        """Return the part of the text that a node stands for."""
        return self.text[node.col_offset : node.end_col_offset]


def read_source(text: str) -> Source:
    """Read an expression's text into a syntax tree, refusing at once what is from another language.

    Raises:
        ExpressionError: the text is empty, too long, or no expression.
    """
    text = text.strip()
    if not text:
        raise ExpressionError("the expression is empty")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"the expression has {len(text):,} characters: at most {MAX_LENGTH:,} are read")
    code, quoted = _set_texts_aside(text)
    return Source(text, _parse(code), quoted)


def quote(text: str) -> str:
    """Write a text as a quoted text of the language."""
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    escaped = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", escaped)  # pages and editors lose them
    if "'" in escaped and '"' not in escaped:
        return f'"{escaped}"'
    return "'" + escaped.replace("'", "\\'") + "'"


def _set_texts_aside(text: str) -> tuple[str, dict[int, str]]:
    """Return code of the same length with blanked texts, in one line of ASCII, and the texts by offset."""
    code: list[str] = []
    quoted: dict[int, str] = {}
    end = 0
    for match in _SCAN.finditer(text):
        code += [text[end : match.start()], _checked(match)]
        if match.lastgroup == "quoted":
            _refuse_neighbour(text, match)
            quoted[match.start()] = _unquote(match[0])
        end = match.end()
    return re.sub(r"\s", " ", "".join([*code, text[end:]])), quoted


def _checked(match: re.Match[str]) -> str:
    """Return what Python's parser is to see in place of the match."""
    found, at = match[0], match.start()
    match match.lastgroup:
        case "quoted":
            return f"'{'_' * (len(found) - 2)}'"
        case "dashed":
            advice = f"did you mean ['{found}']? Otherwise put spaces around the minus"
            raise ExpressionError(f"`.{found}` is a subtraction: {advice}", at)
        case "keyword":
            raise ExpressionError(f"`{found}` cannot stand after a dot: write ['{found}']", at)
        case "index":
            raise ExpressionError(f"a list is read with brackets: write [{found}]", at)
        case "number" if not _NUMBER.fullmatch(found):
            raise ExpressionError(f"`{found}` is no number: write digits, as in 12 or 1.5", at)
        case "foreign":
            raise ExpressionError(_advice(found), at)
    return found


def _advice(sign: str) -> str:
    return next(advice for pattern, advice in _FOREIGN.items() if re.fullmatch(pattern, sign))


def _refuse_neighbour(text: str, match: re.Match[str]) -> None:
    if re.match(rf"\s*{QUOTED}", text[match.end() :], re.DOTALL):
        raise ExpressionError("two texts side by side: a comma or a + is missing between them", match.end())


def _unquote(quoted: str) -> str:
    """Return the text within the quotes; a backslash that begins no escape stays, as patterns need it."""
    if quoted[0] in "rR":
        return quoted[2:-1]
    return _ESCAPE.sub(_unescape, quoted[1:-1])


def _unescape(match: re.Match[str]) -> str:
    sign, byte, unit = match.groups()
    return _ESCAPED.get(sign, sign) if sign else chr(int(byte or unit, 16))


def _parse(code: str) -> ast.expr:
    try:
        return ast.parse(code, mode="eval").body
    except SyntaxError as error:
        raise ExpressionError(f"cannot be read: {error.msg}", max((error.offset or 1) - 1, 0)) from error
    except (RecursionError, MemoryError) as error:
        raise ExpressionError("cannot be read: nested too deep") from error
