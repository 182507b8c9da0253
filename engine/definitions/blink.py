"""Workflows of Blink, as YAML: what of them Wink can run, and what is left to do.

Source: https://docs.blinkops.com/docs/workflows/building-workflows/workflow-yaml
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from textwrap import indent

from engine.definitions.blink_steps import Made, StepMapper
from engine.definitions.kinds import LONGEST_NAME
from engine.definitions.remarks import Place, Remarks, TooMany
from engine.errors import Mistake, Mistakes
from engine.language.values import shorten
from engine.language.yaml12 import load
from engine.language.yaml_text import dump

_NAME = re.compile("[^a-z0-9]+")
_TYPES: Mapping[str, str] = {"text": "string", "string": "string", "number": "number", "boolean": "boolean"}
#: Keys of the file that are mapped, or mean nothing here.
_KNOWN = frozenset(
    {"name", "desc", "description", "type", "automation_type", "workflow_type", "inputs", "outputs", "triggers"}
    | {"workflow", "active", "counting_steps"}
)
_LONGEST_COMMENT = 300

#: A section's title and its steps.
_Section = tuple[str, list[Made]]


@dataclass(frozen=True, slots=True)
class Imported:
    """A workflow of Blink's as Wink writes it."""

    #: What its file is called, without the ending.
    identity: str
    text: str
    #: Names of the triggers that start it.
    triggers: tuple[str, ...]
    #: What has no counterpart, with its place in Blink's file.
    left: tuple[Mistake, ...]


def import_blink(text: str | bytes, *, actions: Collection[str]) -> Imported:
    """Map a workflow of Blink's.

    actions: names of those that Wink has.

    Raises:
        Mistakes: it is no YAML, or no workflow of Blink's.
    """
    document = load(text)
    remarks = Remarks(text if isinstance(text, str) else text.decode(), document)
    file = document.value
    if not isinstance(file, dict) or not isinstance(file.get("workflow"), list):
        raise Mistakes([Mistake(1, 1, "this is no workflow of Blink's: it has no `workflow:` with a list of sections")])
    try:
        name, head, sections = _map(file, Place(remarks), StepMapper(frozenset(actions)))
    except TooMany as error:
        raise Mistakes([*remarks.mistakes, Mistake(1, 1, str(error))]) from error
    triggers = tuple(_several(_mapping(head["on"]).get("trigger", [])))
    return Imported(name, "".join(_written(head, sections, remarks.mistakes)), triggers, remarks.mistakes)


def _map(
    file: Mapping[str, object], place: Place, mapper: StepMapper
) -> tuple[str, Made, list[tuple[str, list[Made]]]]:
    for key in file.keys() - _KNOWN:
        if file[key] not in (None, "", {}, []):
            place.at(key).wrong_key(f"`{key}` has no counterpart: it is left out")
    title = file["name"] if isinstance(file.get("name"), str) and str(file["name"]).strip() else "Imported from Blink"
    name = _slug(str(title))
    description = next((file[key] for key in ("desc", "description") if isinstance(file.get(key), str)), "")
    head: Made = {"name": title, **({"description": description} if str(description).strip() else {})}
    head["on"] = _starts(file, place, name)
    if inputs := _inputs(place):
        head["inputs"] = inputs
    sections = [
        section for at in range(len(_list(file["workflow"]))) for section in _section(place.at("workflow", at), mapper)
    ]
    if not any(steps for _, steps in sections):
        place.at("workflow").wrong_key("there is no step in it: a workflow needs one")
        sections = [("", [{"uses": "core.log", "with": {"message": "There was no step in Blink's workflow."}}])]
    if file.get("outputs"):
        place.at("outputs").wrong_key("`outputs` is left out: write which values the run gives back")
    if file.get("active") is False:
        place.at("active").wrong(f"it was not active: `wink workflows disable {name}` does the same")
    return name, head, sections


def _slug(text: str) -> str:
    return _NAME.sub("-", text.lower()).strip("-")[:LONGEST_NAME].strip("-") or "imported"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}


def _several(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _starts(file: Mapping[str, object], place: Place, name: str) -> Made:
    """Return what starts it: its webhooks become triggers, whatever else there is stays to be done by hand."""
    triggers = file.get("triggers") or {}
    kinds = triggers if isinstance(triggers, dict) else {}
    for kind in kinds.keys() - {"webhooks"}:
        if kinds[kind]:
            place.at("triggers", kind).wrong_key(f"`{kind}` starts nothing here: write what does into `on`")
    names = [_webhook(place.at("triggers", "webhooks", at), name) for at in range(len(_list(kinds.get("webhooks"))))]
    kind = file.get("automation_type", file.get("workflow_type"))
    if kind == "event" and not names:
        names = [name]
    unique = list(dict.fromkeys(names))
    if kind == "scheduled" and not kinds.get("scheduled"):
        place.wrong("it ran on a schedule that is not in the file: write what starts it into `on`")
    return {"trigger": unique if len(unique) > 1 else unique[0]} if unique else {"manual": True}


def _webhook(place: Place, name: str) -> str:
    value = place.value if isinstance(place.value, dict) else {}
    kind = value.get("trigger_type")
    if kind is None:
        place.wrong(
            "this webhook does not say its `trigger_type`: where it is a vendor's, make the trigger with the connector"
        )
    elif kind != "custom_webhook":
        place.wrong(f"`{kind}` is a webhook of a vendor: make the trigger with the vendor's connector")
    title = value.get("name")
    return _slug(title) if isinstance(title, str) and title.strip() and title != "Custom Webhook" else name


def _inputs(place: Place) -> Made:
    found = place.value.get("inputs") if isinstance(place.value, dict) else None
    if not isinstance(found, dict):
        return {}
    return {name: _input(one, place.at("inputs", name)) for name, one in found.items()}


def _input(one: object, place: Place) -> Made:
    described = one if isinstance(one, dict) else {}
    kind = _TYPES.get(str(described.get("type")))
    if kind is None:
        place.wrong("the type of this input has no counterpart that is known: any value is taken")
    for key in described.keys() - {"type", "required", "description", "name", "index", "display_name"}:
        place.at(key).wrong_key(f"`{key}` of an input has no counterpart: it is left out")
    text = described.get("description")
    return {
        **({"type": kind} if kind else {}),
        **({"description": text} if isinstance(text, str) and text else {}),
        **({"required": True} if described.get("required") is True else {}),
    }


def _section(place: Place, mapper: StepMapper) -> Iterator[_Section]:
    section = place.value
    if not isinstance(section, dict) or "steps" not in section:
        place.wrong("this is no section with `steps`: it is left out")
        return
    for key in section.keys() - {"section", "name", "steps"}:
        place.at(key).wrong_key(f"`{key}` has no counterpart: it is left out")
    yield str(section.get("section", section.get("name", ""))), mapper.steps(place.at("steps"))


def _written(head: Made, sections: list[_Section], left: tuple[Mistake, ...]) -> Iterator[str]:
    """Yield the file: what is left to do and the names of the sections are comments in it."""
    yield "# Imported from Blink.\n"
    if left:
        yield "# What has no counterpart, by line and column of Blink's file:\n"
    yield from (_comment(f"  {one.line}:{one.column} {one.message}") for one in left)
    yield dump(head) + "steps:\n"
    for title, steps in sections:
        yield indent(_comment(f" {title}") if title.strip() else "", "  ")
        yield indent(dump(steps), "  ") if steps else ""


def _comment(text: str) -> str:
    """Return a line that is a comment whatever is in the text."""
    clean = "".join(sign if sign.isprintable() else " " for sign in text)
    return f"#{shorten(clean, _LONGEST_COMMENT)}\n"
