"""What can be said of a signature that is right for nothing that was tried."""

from collections.abc import Iterator

from engine.doctor.case import Case, Found
from engine.doctor.differences import sent_time, time_findings
from engine.doctor.marks import BY_SIZE, values_at
from engine.doctor.signature import Search, time_place
from engine.redact import REDACTED
from engine.words import Finding, Reason

#: Signatures and times that are shown of one request.
_MOST_SHOWN = 4


def signature_clues(case: Case, search: Search) -> Iterator[Found]:
    """Yield what is wrong beside the signature, or with the place where it should stand."""
    values = [value for place in search.places for value in values_at(place, case.request)]
    if not values:
        yield _no_signature(search)
    elif len(values) > 1:
        words = f"There is more than one {search.place.title}: one of them could be forged."
        yield Found(Finding.SIGNATURE_REPEATED, words, "Let the sender, or what is between, send the header once.")
    elif case.reason is Reason.MISSING_PROOF:
        words = f"A part of the request that is signed is not there: {case.detail}."
        yield Found(Finding.PART_MISSING, words, "Let the sender send it, and whatever is between pass it on.")
    elif {place.title for place in search.places}.isdisjoint(each.mark.where for each in search.seen.values()):
        yield _unreadable(search, values[0])
    yield from _time(case, search)


def _no_signature(search: Search) -> Found:
    place = search.place.title
    others = list(dict.fromkeys(each.mark.where for each in search.seen.values()))
    if others:
        words = f"There is no {place}. In {others[0]} there is something like a signature."
        advice = f"Set the sender to send its signature in {place}; where it cannot, find the recipe by which it signs."
        return Found(Finding.SIGNATURE_MISSING, words, advice)
    words = f"There is no {place}, and nothing else in the request looks like a signature."
    advice = (
        "Switch signing on at the sender, with this trigger's secret; see that nothing between takes the header out."
    )
    return Found(Finding.SIGNATURE_MISSING, words, advice)


def _unreadable(search: Search, value: bytes) -> Found:
    place, expected = search.place.title, search.spec.signature
    if REDACTED.encode() in value:
        words = f"The value of {place} is not kept, so nothing can be found out about it."
        return Found(Finding.UNEXPLAINED, words, "Copy the secret from one to the other once more.")
    form = f"a hash by {search.spec.algorithm}, written as {expected.encoding}"
    wanted = f"{expected.prefix!r} and then {form}" if expected.prefix else form
    words = f"The {len(value):,} bytes in {place} hold no signature; the trigger expects {wanted}."
    return Found(Finding.SIGNATURE_UNREADABLE, words, "Is it cut off, or another value than the signature? Set it so.")


def _time(case: Case, search: Search) -> Iterator[Found]:
    timestamp = search.spec.timestamp
    if timestamp is None:
        return
    sent, where = sent_time(search), (time_place(search.spec) or search.place).title
    if sent is not None:
        yield from time_findings(case, sent.text, timestamp.unit, timestamp.within.total_seconds())
    elif case.reason is Reason.MISSING_TIMESTAMP:
        words = f"The time that the signature covers is not in {where}."
        yield Found(Finding.TIME_MISSING, words, "Let the sender send the time that it signs.")


def looks(search: Search) -> Iterator[str]:
    """Yield what the request looks like, in sentences."""
    request = search.case.request
    kind = request.first("content-type") or "no content type"
    yield f"{request.method} with {len(request.body):,} bytes of body, {kind}."
    for each in list(search.seen.values())[:_MOST_SHOWN]:
        length = len(each.hashed)
        yield f"In {each.mark.where}: {length} bytes in {each.written}, as {BY_SIZE[length]} makes them."
    for time in search.times[:_MOST_SHOWN]:
        yield f"In {time.where}: the time {time.text.decode('latin-1')}."
