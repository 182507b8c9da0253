"""Take personal data and credentials out of what becomes a test: everything is looked at first, then replaced.

Each value is replaced by a made-up one of its kind, numbered in the order of appearance: one value has one pseudonym
throughout a test, and the same event gives the same test. There is no key and no hash that could be turned round.
The rules are in :mod:`engine.testing.rules`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from engine.errors import WinkError
from engine.testing.kept import Kept
from engine.testing.rules import ADDRESSES, EMAILS, Rule, found_in, rule_of_field

#: Values of named fields are looked for in other texts where they have so many signs; or so many where all are digits.
SHORTEST, SHORTEST_NUMBER = 3, 5
#: Longer values of named fields are no names: they are replaced where they are.
LONGEST = 64

#: Signs and values of what becomes one test, and made-up values in it: whoever sends an event chooses how many.
MOST_SIGNS, MOST_VALUES = 250_000, 1_000

_WORD = re.compile(r"[^\W_]+")
#: What a name is parted from an address by, and one name from the next.
_PARTS = re.compile(r"[<>,;()\"]")


class TooMuch(WinkError):
    """There is too much in it to make a test of."""


@dataclass(slots=True)
class Pseudonyms:
    """The pseudonyms of one test: :meth:`learn` all that is in it, then :meth:`replace` each of it."""

    kept: Kept
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    #: What stood in named fields, in one case, with its rule.
    _named: dict[str, Rule] = field(default_factory=dict)
    #: By their first word: how long they are, the longest first.
    _lengths: dict[str, list[int]] = field(default_factory=dict)
    _signs: int = 0
    _values: int = 0

    def learn(self, value: object) -> None:
        """Find what stands in fields that are known by their name.

        Raises:
            TooMuch: there is more in it than a test can hold.
        """
        for rule, text in self._leaves(value, "", None):
            if rule is None or text in self.kept.texts:
                continue
            for part in (text, *_PARTS.split(text)):
                self._look_for(rule, part.strip())

    def replace(self, value: object) -> object:
        """Return a value of JSON's types with pseudonyms in it; its structure and its types stay.

        Raises:
            TooMuch: there are more made-up values than a test can hold, or two keys became one.
        """
        return self._replaced(value, "", None)

    def _leaves(self, value: object, name: str, rule: Rule | None) -> Iterator[tuple[Rule | None, str]]:
        """Yield every text and number with the rule that its field has."""
        if isinstance(value, Mapping):
            for key, each in value.items():
                self._count(key)
                yield from self._leaves(each, key, rule_of_field(key, name))
        elif isinstance(value, list | tuple):
            for each in value:
                yield from self._leaves(each, name, rule)
        else:
            self._count(str(value))
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                yield rule, str(value)

    def _count(self, text: str) -> None:
        self._signs += len(text) + 1
        if self._signs > MOST_SIGNS:
            raise TooMuch(f"there are more than {MOST_SIGNS:,} signs in it")

    def _look_for(self, rule: Rule, text: str) -> None:
        """Keep a value of a named field in mind, to be found wherever else it stands."""
        first = _WORD.search(text)
        shortest = SHORTEST_NUMBER if text.isdigit() else SHORTEST
        if first is None or not shortest <= len(text) <= LONGEST:
            return
        known = text[first.start() :]
        lengths = self._lengths.setdefault(first.group().casefold(), [])
        if len(known) not in lengths:
            lengths.append(len(known))
            lengths.sort(reverse=True)
        self._named.setdefault(known.casefold(), rule)

    def _replaced(self, value: object, name: str, rule: Rule | None) -> object:
        if isinstance(value, Mapping):
            each_rule = ((key, each, rule_of_field(key, name)) for key, each in value.items())
            made = {self._key(key): self._replaced(each, key, its_rule) for key, each, its_rule in each_rule}
            if len(made) < len(value):
                raise TooMuch("two of its keys would be one")
            return made
        if isinstance(value, list | tuple):
            return [self._replaced(each, name, rule) for each in value]
        if isinstance(value, str):
            return self._field(value, rule)
        return self._figure(value, rule) if isinstance(value, int | float) and not isinstance(value, bool) else value

    def _key(self, key: str) -> str:
        return key if key in self.kept.words else self._text(key)

    def _field(self, text: str, rule: Rule | None) -> str:
        """Return a named field's text replaced as a whole, by its form where all of it has one."""
        if rule is None or not text or text in self.kept.texts or text.isspace():
            return self._text(text)
        whole = next(((form, found.group()) for form, found in found_in(text) if found.group() == text), None)
        return self._formed(*whole) if whole else self._stand_in(rule, text)

    def _figure(self, value: float, rule: Rule | None) -> float:
        """Return a number with the digits of what stands for it; a number stays one."""
        text = str(value)
        rule = rule or self._named.get(text)
        if rule is None or text in self.kept.texts:
            return value
        return type(value)("".join(filter(str.isdigit, self._stand_in(rule, text))))

    def _text(self, text: str) -> str:
        """Return a text with what is found in it replaced: what has a form, and between that what is known by name."""
        if text in self.kept.texts:
            return text
        made, at = [], 0
        for rule, found in found_in(text):
            made += [self._names(text[at : found.start()]), self._formed(rule, found.group())]
            at = found.end()
        return "".join([*made, self._names(text[at:])])

    def _names(self, text: str) -> str:
        made, at = [], 0
        for word in _WORD.finditer(text):
            if word.start() >= at and (end := self._end_of_name(text, word)):
                found = text[word.start() : end]
                made += [text[at : word.start()], self._stand_in(self._named[found.casefold()], found)]
                at = end
        return "".join([*made, text[at:]])

    def _end_of_name(self, text: str, word: re.Match[str]) -> int | None:
        """Return where a value of a named field ends that begins with a word; None where none does."""
        for length in self._lengths.get(word.group().casefold(), ()):
            end = word.start() + length
            found = text[word.start() : end]
            if found.casefold() in self._named and found not in self.kept.texts and not text[end : end + 1].isalnum():
                return end
        return None

    def _formed(self, rule: Rule, text: str) -> str:
        if text in self.kept.texts:
            return text
        if rule is EMAILS:
            return self._email(text)
        within = self.kept.within(text, self._number(rule, text)) if rule is ADDRESSES else None
        return within or self._stand_in(rule, text)

    def _email(self, text: str) -> str:
        """Return what stands for an e-mail address, which in a URL has another sign in it."""
        sign, plain = "%40" if "%40" in text else "@", text.replace("%40", "@")
        name, _, domain = self._stand_in(EMAILS, plain).partition("@")
        return name + sign + (self.kept.domain(plain) or domain)

    def _stand_in(self, rule: Rule, text: str) -> str:
        return rule.stand_in(self._number(rule, text), text)

    def _number(self, rule: Rule, text: str) -> int:
        """Return the number of a value among those of its kind."""
        numbers = self._numbers.setdefault(rule.title, {})
        if (number := numbers.get(text.casefold())) is None:
            self._values += 1
            number = numbers[text.casefold()] = len(numbers) + 1
        if self._values > MOST_VALUES:
            raise TooMuch(f"there are more than {MOST_VALUES:,} values to make up for it")
        return number
