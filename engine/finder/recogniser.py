"""Say which connector a captured request probably belongs to, and why.

A request is recognised for sure only by a name: a header or user agent that bears the connector's own. Everything else
- headers that several vendors share, the type of the event, the fields of the body - ranks candidates.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from engine.authentication.request import Inbound
from engine.definitions.bodies import Bodies, compile_bodies
from engine.definitions.connector import Connector
from engine.errors import WinkError
from engine.finder.traits import Fields, Traits, agent_of, fields_of, traits_of, words_of

#: The connector for every sender that no other knows: it is never what a request looks like.
ANYBODY = "custom"

#: A word that more connectors than these have in their headers is nobody's name.
MOST_OF_A_NAME = 3

#: How much each kind of evidence counts; what several connectors share counts for each of them its part.
_OWN, _READ, _SENT, _TYPE, _FIELDS = 6.0, 3.0, 0.5, 2.0, 3.0
#: Less than this is chance.
_LEAST = 0.9
#: A candidate with less than this part of the best one's evidence is not named.
_NEAR = 0.4
#: Of a larger body the fields are not looked at: every connector would have to read it.
_LARGEST_BODY = 64 * 1024
#: Nor what each connector would make of it: it may hold thousands of events, of which the first counts.
_LARGEST_TYPED = 16 * 1024
#: More candidates are no help.
MOST_CANDIDATES = 3
#: Nor are more reasons for one.
MOST_REASONS = 3

_BODIES: Bodies = compile_bodies(
    {"application/json": "json", "application/*+json": "json", "application/x-www-form-urlencoded": "form_payload"}
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A connector that a request may belong to."""

    connector: str
    title: str
    score: float
    #: Whether a header or user agent bears its name.
    named: bool
    #: Whole sentences.
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Recognition:
    """What a request looks like."""

    #: The likeliest first; none where it looks like nothing known.
    candidates: Sequence[Candidate]
    #: Whether it is the first one; else the candidates are guesses.
    sure: bool

    @property
    def words(self) -> str:
        """What a person is told; empty where there is nothing to say."""
        titles = [candidate.title for candidate in self.candidates]
        if not titles:
            return ""
        if self.sure:
            return f"This looks like a {titles[0]} webhook."
        last = f" or {titles[-1]}" if titles[1:] else ""
        return f"This may be a webhook of {', '.join(titles[:-1] or titles)}{last}: nothing in it says for sure."


@dataclass(frozen=True)
class Recogniser:
    """Knows the traits of every connector, once it was asked."""

    connectors: Mapping[str, Connector]

    @cached_property
    def traits(self) -> Sequence[Traits]:
        """What each connector's deliveries look like."""
        return [traits_of(each) for name, each in self.connectors.items() if name != ANYBODY]

    @cached_property
    def _readers(self) -> Counter[str]:
        """How many connectors know each header."""
        return Counter(name for traits in self.traits for name in traits.headers)

    @cached_property
    def _everyday(self) -> frozenset[str]:
        """Words in the headers and user agents of so many connectors that they are nobody's name."""
        users = Counter(word for traits in self.traits for word in traits.tokens)
        return frozenset(word for word, number in users.items() if number > MOST_OF_A_NAME)

    @cached_property
    def _holders(self) -> Counter[str]:
        """How many connectors have each field in a sample."""
        return Counter(path for traits in self.traits for path in frozenset().union(*traits.samples))

    def recognise(self, request: Inbound) -> Recognition:
        """Return what a request looks like; it never raises."""
        if len(request.body) > _LARGEST_BODY:
            request = request._replace(body=b"")
        fields = _fields(request)
        typed = {traits.connector.name: event for traits in self.traits if (event := _known_type(traits, request))}
        found = [self._judge(traits, request, fields, typed) for traits in self.traits]
        ranked = sorted(
            (each for each in found if each.score >= _LEAST and each.reasons),
            key=lambda each: (not each.named, -each.score),
        )
        named = [each for each in ranked if each.named]
        near = [each for each in ranked if each.named or each.score >= ranked[0].score * _NEAR]
        return Recognition((named or near)[:MOST_CANDIDATES], sure=len(named) == 1)

    def _judge(self, traits: Traits, request: Inbound, fields: Fields, typed: Mapping[str, str]) -> Candidate:
        evidence = [
            *self._by_headers(traits, request),
            *self._by_agent(traits, request),
            *_by_type(traits, typed),
            *self._by_fields(traits, fields),
        ]
        return Candidate(
            connector=traits.connector.name,
            title=traits.connector.manifest.title,
            score=sum(weight for weight, _ in evidence),
            named=any(weight >= _OWN for weight, _ in evidence),
            reasons=[words for _, words in sorted(evidence, key=lambda each: -each[0]) if words][:MOST_REASONS],
        )

    def _by_headers(self, traits: Traits, request: Inbound) -> Iterator[tuple[float, str]]:
        for name in traits.headers.keys() & request.headers.keys():
            written, others = traits.headers[name], self._readers[name] - 1
            if not others and self._is_own(traits, name):
                yield _OWN, f"It carries {written}, which only {traits.connector.manifest.title} sends."
            elif name in traits.read:
                whose = f"as {others + 1} connectors have it" if others else "which no other connector has"
                yield _READ / (others + 1), f"It carries {written}, {whose}."
            else:
                yield _SENT / (others + 1), ""

    def _by_agent(self, traits: Traits, request: Inbound) -> Iterator[tuple[float, str]]:
        agent = agent_of(request.first("user-agent"))
        if agent and self._is_own(traits, agent):
            yield _OWN, f"Its user agent is {request.first('user-agent')[:60]}."
        elif agent in traits.agents:
            yield _SENT, ""

    def _is_own(self, traits: Traits, name: str) -> bool:
        """Return whether a header or user agent bears the connector's name."""
        return bool(words_of(name) & traits.words - self._everyday)

    def _by_fields(self, traits: Traits, fields: Fields) -> Iterator[tuple[float, str]]:
        best = max(traits.samples, key=lambda sample: self._likeness(sample, fields), default=frozenset())
        likeness, shared = self._likeness(best, fields), sorted(best & fields, key=lambda path: self._holders[path])
        if likeness and len(shared) > 1:
            yield likeness * _FIELDS, f"Its body has {', '.join(shared[:4])}, as a sample of it has."

    def _likeness(self, sample: Fields, fields: Fields) -> float:
        """Return how much two bodies share, from 0 to 1; a field that many have counts less."""
        whole = sum(self._rarity(path) for path in sample | fields)
        return sum(self._rarity(path) for path in sample & fields) / whole if whole else 0.0

    def _rarity(self, path: str) -> float:
        return 1 / max(1, self._holders[path])


def _by_type(traits: Traits, typed: Mapping[str, str]) -> Iterator[tuple[float, str]]:
    if event := typed.get(traits.connector.name):
        yield _TYPE / len(typed), f"Read in its way, it tells of {event}, which is one of its events."


def _known_type(traits: Traits, request: Inbound) -> str:
    """Return the type of the request's first event, where the connector says of it that it is one of its own.

    What it says of anything that comes in a form, or as JSON, tells nothing of this request.
    """
    connector = traits.connector
    if len(request.body) > _LARGEST_TYPED:
        return ""
    untyped = connector.rules.type.prefix + connector.rules.type.untyped
    found = _type(connector, request)
    if found not in connector.manifest.types or found == untyped:
        return ""
    anything = {name: values for name, values in request.headers.items() if name == "content-type"}
    return "" if found == _type(connector, request._replace(headers=anything, query="", body=b"{}")) else found


def _type(connector: Connector, request: Inbound) -> str:
    try:
        events = connector.events(request, connector.read(request))
    except WinkError:
        return ""
    return next((event.type for event in events[:1]), "")


def _fields(request: Inbound) -> Fields:
    try:
        return fields_of(_BODIES.read(request.body, request.first("content-type")))
    except WinkError:
        return frozenset()
