"""What is wrong with a signature of which it is known what it is right for."""

from collections.abc import Callable, Iterator
from itertools import chain

from engine.authentication.request import Inbound
from engine.authentication.signature import SignatureSpec
from engine.authentication.written import compile_written
from engine.doctor.bodies import rewritten_bodies, spaced_bodies
from engine.doctor.case import Case, Found, Spent, moment
from engine.doctor.marks import Mark, seconds_of, unit_of
from engine.doctor.signature import Hit, Search, time_place
from engine.errors import Rejected
from engine.words import Finding

_AS_EXPECTED = "Set the sender so, or choose the recipe that it signs by."
#: Seconds by which a time may miss the whole hours that a wrong time zone makes.
_NEARLY = 120
_HOUR = 3600
#: Hours that a time zone is at most away from UTC. Source: the tz database, Pacific/Kiritimati.
_FARTHEST_ZONE = 14


def differences(search: Search, hit: Hit) -> Iterator[Found]:
    """Yield what differs from what the trigger expects, what weighs most first; nothing when nothing does."""
    spec = search.spec
    yield from (found for found in (hit.text.found, hit.key.found) if found)
    yield from _hashed_body(search)
    if hit.algorithm != spec.algorithm:
        words = f"The signature is made with {hit.algorithm}; the trigger expects {spec.algorithm}."
        yield Found(Finding.ALGORITHM_DIFFERS, words, _AS_EXPECTED)
    yield from _writing(search, hit)
    time = hit.text.time or sent_time(search)
    if time and time.where:
        yield from _time(search, time)


def sent_time(search: Search) -> Mark | None:
    """Return the time that stands where the recipe has it."""
    place = time_place(search.spec) or search.place
    return next((mark for mark in search.times if mark.where == place.title), None) if search.spec.timestamp else None


def _hashed_body(search: Search) -> Iterator[Found]:
    """Yield what is wrong with a body of which a hash is signed: it can be changed without the signature."""
    if search.spec.body_hash is None:
        return
    check = search.spec.body_hash.compile().check
    if _passes(check, search.case.request):
        return
    found = _body_that_passes(search, check)
    if found is not None:
        yield found
        return
    words = "The signature is right, but the body is not the one whose hash is signed."
    yield Found(Finding.BODY_REWRITTEN, words, "Let nothing between the sender and Wink change the body.")


def _body_that_passes(search: Search, check: Callable[[Inbound], object]) -> Found | None:
    """Return what is wrong when another body is the one whose hash is signed; None: it is none that was tried."""
    body = search.case.request.body
    try:
        for changed, found in chain(spaced_bodies(body), rewritten_bodies(body, search.budget)):
            if _passes(check, search.case.request._replace(body=changed)):
                return found
    except Spent:  # to write a body so large once more is more work than one look may be
        return None
    return None


def _passes(check: Callable[[Inbound], object], request: Inbound) -> bool:
    try:
        check(request)
    except Rejected:
        return False
    return True


def _writing(search: Search, hit: Hit) -> Iterator[Found]:
    mark, expected = hit.signature.mark, search.spec.signature
    known = mark.where in {place.title for place in search.places}
    if not known:
        words = f"The signature stands in {mark.where}; the trigger looks for it in {search.place.title}."
        yield Found(Finding.SIGNATURE_ELSEWHERE, words, _AS_EXPECTED)
    if not compile_written(expected.encoding, len(hit.signature.hashed)).form.fullmatch(mark.text):
        words = f"The signature is written as {hit.signature.written}; the trigger expects {expected.encoding}."
        yield Found(Finding.ENCODING_DIFFERS, words, _AS_EXPECTED)
    before = _element(mark.before.decode("latin-1"), expected)
    if before != expected.prefix and known:
        wanted = f"the trigger expects {expected.prefix!r}" if expected.prefix else "the trigger expects nothing"
        words = f"Before the signature stands {_short(before)}; {wanted}."
        yield Found(Finding.PREFIX_DIFFERS, words, _AS_EXPECTED)


def _element(before: str, expected: SignatureSpec) -> str:
    """Return what stands before the signature within its own element of the value."""
    for separator in (expected.groups, expected.separator.strip(" ") or expected.separator):
        before = before.rpartition(separator)[2] if separator else before
    return before.strip(" ") if expected.separator else before


def _short(text: str) -> str:
    return repr(f"{text[:40]}..." if len(text) > 40 else text) if text else "nothing"


def _time(search: Search, time: Mark) -> Iterator[Found]:
    timestamp = search.spec.timestamp
    if timestamp is None:
        return
    place, element = time_place(search.spec) or search.place, timestamp.element or ""
    if time.where != place.title or not time.before.decode("latin-1").endswith(element):
        wanted = f"{place.title}, after {element!r}" if element else place.title
        words = f"The signed time stands in {time.where}; the trigger looks for it in {wanted}."
        yield Found(Finding.TIME_ELSEWHERE, words, _AS_EXPECTED)
    yield from time_findings(search.case, time.text, timestamp.unit, timestamp.within.total_seconds(), right=True)


_UNITS = {
    "s": "seconds since 1970",
    "ms": "milliseconds since 1970",
    "s_or_ms": "seconds or milliseconds since 1970",
    "iso": "ISO 8601",
    "http": "a date of HTTP",
}


def time_findings(case: Case, text: bytes, unit: str, within: float, *, right: bool = False) -> Iterator[Found]:
    """Yield what is wrong with a time that the sender signed: its unit, or that it is not that of the receipt.

    within: in seconds; right: whether the signature is known to be right for it.
    """
    seconds = seconds_of(text)
    if seconds is None:
        words = "The signed time cannot be read as a time."
        yield Found(Finding.TIME_UNREADABLE, words, f"Let the sender write it as {_UNITS.get(unit, unit)}.")
        return
    if unit_of(text) not in unit.split("_or_"):
        sent = _UNITS.get(unit_of(text), unit_of(text))
        words = f"The time is sent as {sent}; the trigger expects {_UNITS.get(unit, unit)}."
        yield Found(Finding.TIME_UNIT, words, _AS_EXPECTED)
    age = case.request.received_at.timestamp() - seconds
    if abs(age) > within:
        yield _off(case, age, within, right=right)


def _off(case: Case, age: float, within: float, *, right: bool) -> Found:
    received = moment(case.request.received_at)
    apart = (
        f"{_length(abs(age))} {'before' if age > 0 else 'after'} it came in ({received}); {_length(within)} are allowed"
    )
    hours = round(abs(age) / _HOUR)
    if 1 <= hours <= _FARTHEST_ZONE and abs(abs(age) - hours * _HOUR) < _NEARLY:
        advice = "These are whole hours: does the sender take its local time for UTC? Else compare the clocks."
    elif age > 0:
        advice = "Was it sent again without being signed again, or was it held up? Else the sender's clock is slow."
    else:
        advice = "Compare the clocks: the sender's is fast, or this machine's is slow."
    finding = Finding.TIME_TOO_OLD if age > 0 else Finding.TIME_IN_FUTURE
    start = "The signature is right, but its time is" if right else "The time of the signature is"
    return Found(finding, f"{start} {apart}.", advice)


def _length(seconds: float) -> str:
    for size, name in ((86_400, "days"), (_HOUR, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f}".removesuffix(".0") + f" {name}"
    return f"{seconds:.0f} seconds"
