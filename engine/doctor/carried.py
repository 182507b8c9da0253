"""Clues to a key that is sent along: its value is not kept, but where something stood is."""

from collections.abc import Iterator, Sequence

from engine.authentication.basic import BasicSpec
from engine.authentication.places import Place, header_place, query_place
from engine.authentication.request import query_fields
from engine.authentication.shared_secret import SharedSecretSpec
from engine.doctor.case import Case, Found, moment
from engine.doctor.marks import values_at
from engine.errors import Rejected
from engine.redact import REDACTED
from engine.words import Finding, Reason

_NOT_KEPT = (
    "The values of keys are not kept, so this one cannot be compared with older keys or those of other triggers."
)
#: Hold a secret of somebody else, for another purpose.
_COOKIES = frozenset({"cookie", "set-cookie", "proxy-authorization"})


def shared_secret_clues(case: Case, spec: SharedSecretSpec) -> Iterator[Found]:
    """Yield what is wrong with a key, as far as the places where one stood tell."""
    places = [(each.place(), each.prefix) for each in spec.places]
    present = [(place, prefix) for place, prefix in places if values_at(place, case.request)]
    if case.reason is Reason.REPEATED_PROOF:
        where = _named([place for place, _ in present]) or "one place"
        words = f"The key stands in the request more than once: {where}."
        yield Found(Finding.KEY_REPEATED, words, "Let the sender send the key once, in one of these places.")
    elif not present:
        yield _missing(case, [place for place, _ in places])
    else:
        yield from _present(case, present)


def basic_clues(case: Case, _: BasicSpec) -> Iterator[Found]:
    """Yield what is wrong with a user name and password, as far as what is kept tells."""
    place = header_place("authorization")
    if not values_at(place, case.request):
        yield _missing(case, [place])
    else:
        yield from _present(case, [(place, "Basic ")])


def _missing(case: Case, places: Sequence[Place]) -> Found:
    wanted = _named(places)
    advice = f"Let the sender put the key into {wanted if len(places) == 1 else 'one of these places'}."
    if elsewhere := _elsewhere(case, places):
        words = f"There is no key in {wanted}; in {_named(elsewhere)} there is something like one."
        return Found(Finding.KEY_ELSEWHERE, words, advice)
    return Found(Finding.KEY_MISSING, f"There is no key in {wanted}, nor anything like one elsewhere.", advice)


def _elsewhere(case: Case, places: Sequence[Place]) -> Sequence[Place]:
    known = {place.title for place in places}
    others = [*map(header_place, case.request.headers.keys() - _COOKIES), *map(query_place, _parameters(case))]
    holds = [place for place in others if any(REDACTED.encode() in value for value in values_at(place, case.request))]
    return sorted((place for place in holds if place.title not in known), key=lambda place: place.title)


def _parameters(case: Case) -> Sequence[str]:
    try:
        return [name for name, _ in query_fields(case.request.query)]
    except Rejected:
        return ()


def _present(case: Case, present: Sequence[tuple[Place, str]]) -> Iterator[Found]:
    for place, prefix in present:
        value = next(iter(values_at(place, case.request)), b"").decode("latin-1")
        word, said = prefix.strip(), value.partition(REDACTED)[0].strip() if REDACTED in value else ""
        if said.lower() != word.lower() and (said or case.reason is Reason.MALFORMED_PROOF):
            stands = repr(said) if said else "no known word"
            wanted = repr(word) if word else "nothing but the key"
            words = f"In {place.title}, {stands} stands before the key; the trigger expects {wanted}."
            yield Found(Finding.KEY_PREFIX, words, "Set the sender so: the word, one space, and the key.")
            return
    words = f"There is a key in {_named([place for place, _ in present])}, and it is not the trigger's."
    yield Found(Finding.KEY_DIFFERS, f"{words}{_when_set(case)} {_NOT_KEPT}", _KEY_AGAIN)


_KEY_AGAIN = "Copy this trigger's key to the sender once more, without spaces; if it is not at hand, make a new one."


def _when_set(case: Case) -> str:
    if case.set_at is None:
        return ""
    order = "after" if case.set_at > case.request.received_at else "before"
    return f" The present one was set {moment(case.set_at)}, {order} this delivery came in."


def _named(places: Sequence[Place]) -> str:
    return " or ".join(place.title for place in places)
