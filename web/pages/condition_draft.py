"""A condition that somebody is writing, as rows and as text: two views of one thing, of which either may be changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from engine.errors import ExpressionError
from engine.language.condition import Condition
from engine.language.rows import rows_to_text, text_to_rows
from engine.path.trigger_spec import read_condition
from web.pages.condition_form import (
    Group,
    Known,
    Place,
    Row,
    field_name,
    form_of,
    mistakes_of,
    read_form,
    rows_of,
    with_part,
    without,
)

_BOTH: Final = "You changed the rows and the text: say which of them counts."
_NUL: Final = r"A NUL cannot stand here: write \x00 within quotes."


@dataclass(frozen=True, slots=True)
class Draft:
    """A condition as a page shows it; condition: None where nothing is asked, or something is wrong."""

    #: None: rows cannot say it.
    group: Group | None
    text: str
    #: The text that the rows say, or said when last they could be read.
    shown: str
    condition: Condition | None = None
    #: What is wrong, by the name of the field; "" for the whole.
    mistakes: Mapping[str, str] = field(default_factory=dict)
    #: Rows and text were changed at once.
    torn: bool = False
    #: The id of the control where one goes on.
    focus: str = ""

    def with_mistake(self, name: str, words: str) -> "Draft":
        """Return the same with something that is wrong; what is no field here is said of the whole."""
        return replace(self, mistakes={**self.mistakes, "text" if name == "condition" else "": _upper(words)})


def draft_of(spec: object, known: Known) -> Draft:
    """Return a trigger's condition as a draft; None: it asks nothing."""
    if spec is None:
        return Draft(Group(), "", "")
    try:
        condition = read_condition(spec)
    except ExpressionError as error:
        return Draft(None, str(spec), str(spec), mistakes={"text": _sentence(error)})
    return _written(condition, known)


def read_draft(form: Mapping[str, str], known: Known) -> Draft:
    """Return what a form holds, after what its button asks for: ``do`` is a verb, and where it applies."""
    group = None if form.get("view") == "text" else read_form(form)
    text, shown = _lines(form.get("text", "")), _lines(form.get("shown", ""))
    verb, _, where = form.get("do", "").partition(" ")
    if verb == "anew":
        return Draft(Group(parts=(Row(),)), "", "", focus="left-0")
    if verb in {"row", "group", "remove"} and group is not None:
        edited, focus = _edit(group, verb, _place(where))
        draft = _of_rows(edited, shown, known) if text == shown else _torn(text, edited, shown, known)
        return replace(draft, focus=focus)
    if group is None or verb == "text":
        return _of_text(text, group, shown, known)
    if verb == "rows" or text == shown:
        return _of_rows(group, shown, known)
    return (_of_text if _says(group, shown, known) else _torn)(text, group, shown, known)


def control_id(part: str, place: Place) -> str:
    """Return the id of a control of a row or group."""
    return field_name(part, place).replace(".", "-")


def _edit(group: Group, verb: str, place: Place) -> tuple[Group, str]:
    """Return the group after an edit, and where one goes on."""
    if verb == "remove":
        return without(group, place), control_id("add", place[:-1])
    part = Row() if verb == "row" else Group("any" if group.join == "all" else "all", (Row(),))
    edited = with_part(group, place, part)
    inner: Group | Row = edited
    for number in place:
        inner = inner.parts[number] if isinstance(inner, Group) and number < len(inner.parts) else inner
    last = len(inner.parts) - 1 if isinstance(inner, Group) else 0
    return edited, control_id("left", (*place, last) if verb == "row" else (*place, last, 0))


def _place(where: str) -> Place:
    return tuple(int(number) for number in where.split(".") if number.isdecimal() and number.isascii())


def _of_rows(group: Group, shown: str, known: Known) -> Draft:
    """Return what rows say; while they cannot be read, the text is what it was."""
    mistakes = mistakes_of(group, known, read_condition)
    rows = None if mistakes else rows_of(group, known)
    if mistakes or rows is None:
        text = shown if mistakes else ""
        return Draft(group, text, text, mistakes=_sentences(mistakes))
    try:
        condition = read_condition(rows)
        if _says(group, shown, known):
            condition = read_condition(shown)
    except ExpressionError as error:
        return Draft(group, shown, shown, mistakes={"": _sentence(error)})
    return Draft(group, condition.text, condition.text, condition)


def _of_text(text: str, group: Group | None, shown: str, known: Known) -> Draft:
    if not text.strip():
        return Draft(Group(), "", "")
    try:
        condition = read_condition(text)
    except ExpressionError as error:
        words = _NUL if "\0" in text else _sentence(error)
        return Draft(group, text, shown, mistakes={"text": words})
    if "\0" in text:
        return Draft(group, text, shown, mistakes={"text": _NUL})
    return replace(_written(condition, known), text=text, shown=text)


def _written(condition: Condition, known: Known) -> Draft:
    rows = text_to_rows(condition.text)
    return Draft(form_of(rows, known) if rows else None, condition.text, condition.text, condition)


def _torn(text: str, group: Group, shown: str, known: Known) -> Draft:
    mistakes = {**_sentences(mistakes_of(group, known, read_condition)), "text": _BOTH}
    return Draft(group, text, shown, mistakes=mistakes, torn=True)


def _says(group: Group, text: str, known: Known) -> bool:
    """Say whether rows and a text are the same condition."""
    rows = rows_of(group, known)
    if rows is None or not text.strip():
        return rows is None and not text.strip()
    try:
        return text_to_rows(rows_to_text(rows)) == text_to_rows(text)
    except ExpressionError:
        return False


def _lines(text: str) -> str:
    """Return a text with the line ends that it had before a browser sent it."""
    return text.replace("\r\n", "\n")


def _sentences(mistakes: Mapping[str, str]) -> dict[str, str]:
    return {name: _upper(words) for name, words in mistakes.items()}


def _sentence(error: ExpressionError) -> str:
    return _upper(f"{error.detail} (character {error.column + 1})" if error.column else error.detail)


def _upper(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}" + ("" if words.endswith((".", "?")) else ".")
