"""Find the recipe of a captured request: what is signed, with which key, and where the signature stands.

Every combination of what looks like a signature, a time and an id with the texts and keys that vendors use is tried,
plainest first, within a bound on hashes, bytes and time. What is found was compiled and has proved the request: it is
never a guess.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from engine.authentication.hmac_scheme import DIGESTS, Algorithm, Construction
from engine.authentication.request import Inbound
from engine.authentication.way import compile_way
from engine.authentication.written import Encoding
from engine.errors import Invalid, Rejected, WinkError
from engine.finder.bare import bare_recipes
from engine.finder.keys import Key, keys_of
from engine.finder.marks import Mark, marks_of
from engine.finder.moments import moments_of
from engine.finder.texts import Text, ids_of, texts_of
from engine.finder.values import values_of

#: Most keyed hashes of one search.
MOST_HASHES = 20_000
#: Most bytes that one search hashes.
MOST_BYTES = 128 * 1024 * 1024
#: Most seconds of one search.
LONGEST = 1.0
#: More ways to read one request are no help to anybody.
MOST_FOUND = 5

#: A broken hash, which is offered after the others.
_WEAK = "sha1"

Recipe = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Search:
    """What came of a search."""

    #: Each proves the request, the one to prefer first: a scheme as a manifest writes it.
    recipes: Sequence[Recipe]
    #: Where something stands that looks like a signature, in words.
    proofs: Sequence[str]
    #: Where something stands that looks like the time of signing.
    times: Sequence[str]
    #: How many keyed hashes were made.
    tried: int
    #: Whether everything was tried; not where a bound ended the search.
    complete: bool


@dataclass(slots=True)
class _Bounds:
    """What a search may still cost."""

    deadline: float
    hashes: int = MOST_HASHES
    octets: int = MOST_BYTES
    ended: bool = field(default=False)

    def take(self, hashes: int, octets: int) -> bool:
        """Return whether so much more may be done; once something is too much, the search is over."""
        self.ended |= hashes > self.hashes or octets > self.octets or time.monotonic() > self.deadline
        if not self.ended:
            self.hashes -= hashes
            self.octets -= octets
        return not self.ended


def find_recipes(request: Inbound, secret: str, *, name: str = "secret") -> Search:
    """Return the recipes that prove a request with a secret.

    name: of the secret in the recipes.

    Raises:
        Invalid: there is no secret (422).
    """
    if not secret:
        raise Invalid("without the secret nothing can be tried: give the one that the sender signs with", "secret")
    values = values_of(request)
    marks = marks_of(values)
    moments, bounds = moments_of(request, values, marks), _Bounds(time.monotonic() + LONGEST)
    texts = texts_of(request, moments, ids_of(values, marks), marks)
    found = list(_matches(request, texts, keys_of(secret, name), marks, bounds))
    recipes = [*sorted(found, key=_rank), *bare_recipes(values, secret, name)]
    return Search(
        recipes=[recipe for recipe in _distinct(recipes) if _proves(recipe, request, name, secret)][:MOST_FOUND],
        proofs=list(dict.fromkeys(mark.value.title for mark in marks)),
        times=list(dict.fromkeys(moment.title for moment in moments)),
        tried=MOST_HASHES - bounds.hashes,
        complete=not bounds.ended,
    )


def _matches(
    request: Inbound, texts: Iterator[Text], keys: Sequence[Key], marks: Sequence[Mark], bounds: _Bounds
) -> Iterator[Recipe]:
    by_text = _by_text(marks)
    for text in texts if marks else ():
        try:
            signed = text.compiled.render(request, text.moment.text if text.moment else b"")
        except Rejected:
            continue
        hashes = len(keys) * len(by_text) * len(DIGESTS)
        if not bounds.take(hashes, hashes * len(signed)):
            return
        for key in keys:
            made = _made(key, signed, by_text)
            yield from (_recipe(key, mark, how, text) for mark, how in made if _fits(text, mark))


def _by_text(marks: Sequence[Mark]) -> Mapping[Algorithm, Mapping[tuple[Encoding, bytes], Sequence[Mark]]]:
    found: dict[Algorithm, dict[tuple[Encoding, bytes], list[Mark]]] = defaultdict(lambda: defaultdict(list))
    for mark in marks:
        found[mark.algorithm][mark.encoding, mark.text].append(mark)
    return found


def _made(
    key: Key, signed: bytes, by_text: Mapping[Algorithm, Mapping[tuple[Encoding, bytes], Sequence[Mark]]]
) -> Iterator[tuple[Mark, Construction]]:
    """Yield the signatures that this key makes of this text, and how."""
    for algorithm, candidates in by_text.items():
        for construction, digest in DIGESTS.items():
            hashed = digest(key.octets, signed, algorithm)
            for (_, text), marks in candidates.items():
                if marks[0].written.write(hashed) == text:
                    yield from ((mark, construction) for mark in marks)


def _fits(text: Text, mark: Mark) -> bool:
    return text.moment is None or text.moment.fits(mark)


def _recipe(key: Key, mark: Mark, construction: Construction, text: Text) -> Recipe:
    return {
        "scheme": "hmac",
        "secret": key.spec,
        "algorithm": mark.algorithm,
        **({} if construction == "hmac" else {"construction": construction}),
        "signature": mark.signature,
        "signs": text.signs,
        **({"timestamp": text.moment.timestamp} if text.moment else {}),
    }


def _rank(recipe: Recipe) -> tuple[bool, bool, int]:
    """Sort what is weak last, and of the others those first that sign a time, which a replay cannot pass."""
    weak = recipe["algorithm"] == _WEAK or "construction" in recipe
    return weak, "timestamp" not in recipe, str(recipe["signs"]).count("{")


def _distinct(recipes: Sequence[Recipe]) -> list[Recipe]:
    """Return each once: two readings of one signature can come to the same."""
    return [recipe for place, recipe in enumerate(recipes) if recipe not in recipes[:place]]


def _proves(recipe: Recipe, request: Inbound, name: str, secret: str) -> bool:
    try:
        compile_way("found", recipe).prove(request, {name: (secret,)})
    except WinkError:
        return False
    return True
