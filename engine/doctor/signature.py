"""Search among the neighbours of a signed request for the one that its signature is right for."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from engine.authentication.hmac_scheme import DIGESTS, HmacSpec
from engine.authentication.places import Place, header_place
from engine.authentication.request import Inbound
from engine.authentication.signed_text import compile_signed_text
from engine.doctor.addresses import other_addresses
from engine.doctor.bodies import Body, rewritten_bodies, spaced_bodies
from engine.doctor.case import Budget, Case, Found, Spent
from engine.doctor.keys import Key, former_keys, misread_keys, other_triggers_keys, right_keys
from engine.doctor.marks import BY_SIZE, Mark, Signature, seconds_of, signatures, times, values_at
from engine.doctor.texts import other_templates
from engine.errors import Rejected
from engine.words import Finding

#: Times of a request that are tried, and seconds before its receipt where it holds none.
MOST_TIMES = 6
NEARBY_SECONDS = 10
#: A time in a header of its own is shorter.
LONGEST_TIME = 64

#: What reading a field of a body costs, which is the whole body's each time, as against hashing it.
READ = 4

_TIME = "{timestamp"
_OF_THE_BODY = ("{body:", "{form")
_OF_THE_ADDRESS = ("{url", "{uri", "{path", "{query", "{header:host")


class Text(NamedTuple):
    """Bytes that may have been signed, what is wrong when they were, and the time that is in them."""

    signed: bytes
    found: Found | None
    time: Mark | None


class Hit(NamedTuple):
    """What a signature of the request is right for."""

    signature: Signature
    algorithm: str
    key: Key
    text: Text


@dataclass(slots=True)
class Search:
    """One search, for one recipe; what it went through is in ``tried`` and ``left_out``."""

    case: Case
    spec: HmacSpec
    budget: Budget
    #: Where the signature may stand; the first is the usual one.
    places: Sequence[Place]
    seen: Mapping[bytes, Signature]
    #: In the order in which they are tried, which begins with the one that the recipe names.
    times: Sequence[Mark]
    tried: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    @classmethod
    def begin(cls, case: Case, spec: HmacSpec, budget: Budget) -> "Search":
        """Return a search that has read the request."""
        places = (spec.signature.place(), *map(header_place, spec.signature.also))
        return cls(case, spec, budget, places, signatures(case.request, places), _times(case.request, spec, places))

    @property
    def place(self) -> Place:
        """Where the signature usually stands."""
        return self.places[0]

    def run(self) -> Hit | None:
        """Return what the signature is right for; None: nothing that was tried."""
        try:
            return next((hit for title, pairs in self._phases() if (hit := self._first(title, pairs))), None)
        except Spent:  # already the text that should have been signed is more work than one look may be
            self.left_out.append("Everything else: the body is too large")
            return None

    def _phases(self) -> Iterator[tuple[str, Iterable[tuple[Key, Text]]]]:
        """Yield what to try, the likeliest first, with its name in words."""
        secret, case = self.spec.secret, self.case
        right = right_keys(case, secret)
        plain = list(self._texts(case.request))
        yield "The request as it came in, with every time in it", _pairs(right, plain)
        yield (
            "The body with and without newlines and white space",
            _pairs(right, self._with(spaced_bodies(case.request.body))),
        )
        if _TIME in self.spec.signs:
            yield "The time in other units, and a time that is not sent", _pairs(right, self._other_times())
        yield "Older secrets", _each(former_keys(case, secret), plain[:1])
        yield (
            "The secret decoded, not decoded, cut off, and with white space",
            _each(misread_keys(case, secret), plain[:1]),
        )
        yield "More, fewer and other parts of the request", _pairs(right, self._other_parts())
        if any(hole in self.spec.signs for hole in _OF_THE_ADDRESS):
            yield "The address with other schemes, hosts, ports, slashes and queries", _pairs(right, self._elsewhere())
        yield "A hash without a key", self._unkeyed(right[:1], plain[:1])
        yield "The secrets of the other triggers", _each(other_triggers_keys(case, secret), plain[:1])
        rewritten = rewritten_bodies(case.request.body, self.budget)
        yield "The body's JSON as other programs write it", _pairs(right, self._with(rewritten))

    def _first(self, title: str, pairs: Iterable[tuple[Key, Text]]) -> Hit | None:
        try:
            for key, text in pairs:
                if hit := self._try(key, text):
                    return hit
        except Spent:
            self.left_out.append(title)
        else:
            self.tried.append(title)
        return None

    def _try(self, key: Key, text: Text) -> Hit | None:
        for algorithm in self._algorithms():
            self.budget.hash(len(text.signed), algorithm)
            digest = DIGESTS["secret_first" if key.key is None else self.spec.construction]
            hashed = digest(key.key or b"", text.signed, algorithm)
            if signature := self.seen.get(hashed):
                return Hit(signature, algorithm, key, text)
        return None

    def _algorithms(self) -> Iterator[str]:
        """Yield those that make hashes of a length that the request holds."""
        return (algorithm for size, algorithm in BY_SIZE.items() if any(len(hashed) == size for hashed in self.seen))

    def _texts(self, request: Inbound, signs: str | None = None, found: Found | None = None) -> Iterator[Text]:
        """Yield what a recipe signs, with each of the request's times; nothing where a part of it is not there."""
        signs = signs or self.spec.signs
        for time in self.times if _TIME in signs else (None,):
            yield from self._rendered(request, signs, found, time)

    def _rendered(self, request: Inbound, signs: str, found: Found | None, time: Mark | None) -> Iterator[Text]:
        self.budget.needs(len(request.body))
        self.budget.take(READ * len(request.body) * sum(signs.count(hole) for hole in _OF_THE_BODY))
        try:
            yield Text(compile_signed_text(signs).render(request, time.text if time else b""), found, time)
        except (Rejected, ValueError):  # a part is not there; a template of ours is none
            return

    def _with(self, bodies: Iterable[Body]) -> Iterator[Text]:
        for body, found in bodies:
            yield from self._texts(self.case.request._replace(body=body), found=found)

    def _other_parts(self) -> Iterator[Text]:
        for signs, found in other_templates(self.spec.signs):
            yield from self._texts(self.case.request, signs, found)

    def _elsewhere(self) -> Iterator[Text]:
        for request, found in other_addresses(self.case.request):
            yield from self._texts(request, found=found)

    def _other_times(self) -> Iterator[Text]:
        """Yield the text with a time that was sent in another unit, or not at all."""
        found = Found(
            Finding.TIME_UNIT,
            "The sender signs the time in another unit than it sends it in.",
            "Let the sender sign the time exactly as it sends it.",
        )
        for time in self.times[:2]:
            for text in _other_units(time.text):
                yield from self._rendered(self.case.request, self.spec.signs, found, time._replace(text=text))
        if not self.times:
            yield from self._nearby_times()

    def _nearby_times(self) -> Iterator[Text]:
        words = "The sender signs a time, and does not send it."
        found = Found(Finding.TIME_MISSING, words, "Let the sender send the time that it signs, where the recipe says.")
        now = int(self.case.request.received_at.timestamp())
        for seconds in range(now, now - NEARBY_SECONDS, -1):
            yield from self._rendered(self.case.request, self.spec.signs, found, Mark(str(seconds).encode(), "", b""))

    def _unkeyed(self, keys: Sequence[Key], texts: Sequence[Text]) -> Iterator[tuple[Key, Text]]:
        """Yield what people hash who take a plain hash for an HMAC."""
        for text in texts if self.spec.construction == "hmac" else ():
            yield _plain_hash("what is signed, without the secret: anybody could make it"), text
            self.budget.needs(len(text.signed))
            for key in (each.key for each in keys if each.key is not None):
                yield _plain_hash("the secret and what is signed"), text._replace(signed=key + text.signed)
                yield _plain_hash("what is signed and the secret"), text._replace(signed=text.signed + key)


def _plain_hash(what: str) -> Key:
    words = f"The signature is a plain hash of {what}; the trigger expects an HMAC."
    return Key(None, Found(Finding.NOT_KEYED, words, "Let the sender calculate an HMAC, with the secret as its key."))


def _pairs(keys: Sequence[Key], texts: Iterable[Text]) -> Iterator[tuple[Key, Text]]:
    return ((key, text) for text in texts for key in keys)


def _each(keys: Iterable[Key], texts: Sequence[Text]) -> Iterator[tuple[Key, Text]]:
    return ((key, text) for key in keys for text in texts)


def time_place(spec: HmacSpec) -> Place | None:
    """Return where the recipe has the time, when that is a place of its own."""
    return spec.timestamp.place() if spec.timestamp and spec.timestamp.element is None else None


def _times(request: Inbound, spec: HmacSpec, places: Sequence[Place]) -> Sequence[Mark]:
    """Return the times of the request, as they were sent."""
    own = time_place(spec)
    found = [*_whole(request, own), *times(request, [own, *places] if own else places)]
    return list({mark.text: mark for mark in reversed(found)}.values())[::-1][:MOST_TIMES]


def _whole(request: Inbound, place: Place | None) -> Sequence[Mark]:
    """Return what stands where the recipe has its time, whether it is one or not: it is what the sender signs."""
    values = values_at(place, request) if place else ()
    return [Mark(value, place.title, b"") for value in values if place and len(value) <= LONGEST_TIME]


def _other_units(text: bytes) -> Iterator[bytes]:
    seconds = seconds_of(text)
    if seconds is not None:
        yield from (each for each in (b"%d" % seconds, b"%d" % round(seconds * 1000)) if each != text)
