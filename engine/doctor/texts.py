"""The neighbours of a recipe's ``signs``: other parts, in another order, with other signs between them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from engine.doctor.case import Found
from engine.words import Finding

_HOLE = re.compile(r"\{[^{}]+\}")
_BETWEEN = (".", "", ":", "\n", ",", "|")
_TIME = "{timestamp"
#: Parts that are left out when they are not there stand in brackets.
_SECTIONS = str.maketrans("", "", "[]")
_WITH_TIME = (
    "{timestamp}.{body}",
    "{timestamp}{body}",
    "{timestamp}:{body}",
    "{body}.{timestamp}",
    "{body}{timestamp}",
)

_AS_RECIPE = "Let the sender sign what the trigger's recipe says, or choose the recipe that it signs by."


class Template(NamedTuple):
    """What may have been signed, in the terms of ``signs``, and what is wrong when it was."""

    signs: str
    found: Found


def other_templates(signs: str) -> Iterator[Template]:
    """Yield other templates, each once."""
    known = {signs}
    for template in _all(signs):
        if template.signs not in known and "{" in template.signs:
            known.add(template.signs)
            yield template


def _all(signs: str) -> Iterator[Template]:
    plain = signs.translate(_SECTIONS)
    holes, between = _HOLE.findall(plain), _HOLE.split(plain)
    yield from _with_time(signs)
    yield from _without_a_part(holes, between)
    yield from _in_another_order(holes, between)
    yield _found("{body}", Finding.PART_NOT_SIGNED, "The signature is right for the body alone")


def _with_time(signs: str) -> Iterator[Template]:
    if _TIME not in signs:
        for template in _WITH_TIME:
            yield _found(template, Finding.TIME_SIGNED, "The sender signs a time as well")


def _without_a_part(holes: list[str], between: list[str]) -> Iterator[Template]:
    for at, hole in enumerate(holes if len(holes) > 1 else ()):
        dropped = at + 1 if at + 1 < len(holes) else at
        signs = _joined(holes[:at] + holes[at + 1 :], between[:dropped] + between[dropped + 1 :])
        if hole.startswith(_TIME):
            yield _found(signs, Finding.TIME_NOT_SIGNED, "The sender does not sign the time")
        else:
            yield _found(signs, Finding.PART_NOT_SIGNED, f"The sender does not sign {hole}")


def _in_another_order(holes: list[str], between: list[str]) -> Iterator[Template]:
    other_order = "The sender signs the parts in another order"
    yield _found(_joined(holes[::-1], between[::-1]), Finding.ORDER_DIFFERS, other_order)
    for sign in _BETWEEN if len(holes) > 1 else ():
        words = f"The sender puts {sign!r} between the parts" if sign else "The sender puts nothing between the parts"
        yield _found(sign.join(holes), Finding.ORDER_DIFFERS, words)
        yield _found(between[0] + sign.join(holes), Finding.ORDER_DIFFERS, words)
        yield _found(sign.join(holes[::-1]), Finding.ORDER_DIFFERS, other_order)


def _joined(holes: list[str], between: list[str]) -> str:
    """Return a template; between: what stands before, between and after its holes."""
    return between[0] + "".join(hole + sign for hole, sign in zip(holes, between[1:], strict=True))


def _found(signs: str, finding: Finding, words: str) -> Template:
    return Template(signs, Found(finding, f"{words}: the signature is right for {signs!r}.", _AS_RECIPE))
