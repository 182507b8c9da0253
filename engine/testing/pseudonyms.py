"""Take personal data and credentials out of an event that becomes a test: one table of rules, the same each time.

Each value is replaced by a made-up one of its kind, numbered in the order of appearance: one value has one pseudonym
throughout a test, and the same event gives the same test. There is no key and no hash that could be turned round.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from engine.language.yaml12 import load

#: Shorter values of named fields are not looked for in other texts: they stand in too much.
SHORTEST = 4

#: Made-up telephone numbers that nobody has: 555-0100 to 555-0199.
#: Source: https://nanpa.com/numbering/555-line-numbers
_PHONES = 100

#: Networks for documentation. Source: https://www.rfc-editor.org/rfc/rfc5737, https://www.rfc-editor.org/rfc/rfc3849
_DOCUMENTATION = ("192.0.2", "198.51.100", "203.0.113")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is replaced, and by what."""

    #: As the documentation names it.
    title: str
    #: Returns what stands for the value: its number, and the value itself, are given.
    stand_in: Callable[[int, str], str]
    #: What is looked for within every text and key; None where only the field's name tells.
    pattern: re.Pattern[str] | None = None
    #: Names of fields whose text is replaced as a whole: lower case, without hyphens and underscores.
    names: frozenset[str] = frozenset()


def _person(number: int, text: str) -> str:
    return f"Person {number}" if " " in text.strip() else f"user-{number}"


def _email(number: int, _text: str) -> str:
    return f"user-{number}@example.com"


def _token(number: int, _text: str) -> str:
    return f"token-{number}"


def _phone(number: int, _text: str) -> str:
    return f"+1202555{100 + (number - 1) % _PHONES:04d}"


def _uuid(number: int, _text: str) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def _hex(number: int, text: str) -> str:
    return f"{number:0{len(text)}d}"


def _address(number: int, text: str) -> str:
    if ":" in text:
        return f"2001:db8::{number:x}"
    block, host = divmod(number - 1, 254)
    return f"{_DOCUMENTATION[block % len(_DOCUMENTATION)]}.{host + 1}"


#: In the order in which they are tried.
RULES = (
    Rule(
        "Credentials",
        _token,
        re.compile(
            r"\beyJ[\w-]+\.[\w-]+\.[\w-]*|\b(?:gh[pousr]|github_pat|glpat|xox[abprs]|sk|rk|whsec|wink_pat)[-_][\w-]{16,}|\bAKIA[A-Z0-9]{16}\b"
        ),
        frozenset({"token", "accesstoken", "refreshtoken", "secret", "clientsecret", "password", "apikey", "cookie"})
        | {"authorization", "credential", "credentials", "sessionid", "sessiontoken"},
    ),
    Rule("E-mail addresses", _email, re.compile(r"[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+")),
    Rule("UUIDs", _uuid, re.compile(r"(?i)\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b")),
    Rule("Long hexadecimal numbers", _hex, re.compile(r"(?i)\b[0-9a-f]{32,}\b")),
    Rule(
        "Telephone numbers",
        _phone,
        re.compile(r"(?<!\w)\+[0-9][0-9 ().-]{6,18}[0-9]\b"),
        frozenset({"phone", "phonenumber", "mobile", "mobilephone", "tel", "telephone", "fax"}),
    ),
    Rule(
        "IP addresses",
        _address,
        re.compile(r"(?<![\w.:])(?:[0-9]{1,3}(?:\.[0-9]{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:]+)(?![\w:])"),
    ),
    Rule(
        "Names of people",
        _person,
        None,
        frozenset(
            {"fullname", "firstname", "lastname", "givenname", "familyname", "surname", "displayname", "realname"}
        )
        | {"username", "login", "nickname", "user", "actor", "author", "owner", "assignee", "reporter", "sender"}
        | {"creator", "customer", "employee", "contact", "principal"},
    ),
    Rule(
        "Postal addresses",
        lambda number, _text: f"Street {number}",
        None,
        frozenset({"street", "streetaddress", "postaladdress", "postalcode", "zip", "zipcode"}),
    ),
    Rule(
        "Dates of birth",
        lambda _number, _text: "1970-01-01",
        None,
        frozenset({"birthday", "birthdate", "dateofbirth", "dob"}),
    ),
)

_PEOPLE = next(rule for rule in RULES if rule.title == "Names of people")
_ADDRESSES = next(rule for rule in RULES if rule.title == "IP addresses")
_EMAILS = next(rule for rule in RULES if rule.title == "E-mail addresses")


@dataclass(slots=True)
class Pseudonyms:
    """The pseudonyms of one test.

    kept: texts that a workflow compares with, as :func:`compared_with` finds them: they stay, so that answers do.
    """

    kept: frozenset[str]
    _numbers: dict[str, dict[str, int]] = field(default_factory=dict)
    #: Whole texts of named fields, and what stands for them wherever else they are.
    _named: dict[str, str] = field(default_factory=dict)

    def replace(self, value: object) -> object:
        """Return a value of JSON's types with pseudonyms in it; its structure and its types stay."""
        return self._everywhere(self._walk(value, "", ""))

    def _walk(self, value: object, name: str, parent: str) -> object:
        if isinstance(value, Mapping):
            return {self._text(key): self._walk(each, _plain(key), name) for key, each in value.items()}
        if isinstance(value, list | tuple):
            return [self._walk(each, name, parent) for each in value]
        if isinstance(value, str):
            return self._field(value, name, parent)
        return value

    def _field(self, text: str, name: str, parent: str) -> str:
        rule = next((rule for rule in RULES if name in rule.names), None)
        if rule is None and name == "name" and parent in _PEOPLE.names:
            rule = _PEOPLE
        found = self._text(text)
        if rule is None or not text or text in self.kept or found != text:
            return found
        made = self._stand_in(rule, text)
        if len(text) >= SHORTEST:
            self._named[text] = made
        return made

    def _text(self, text: str) -> str:
        """Return a text with what the patterns find replaced."""
        if text in self.kept:
            return text
        for rule in RULES:
            if rule.pattern is not None:
                text = rule.pattern.sub(lambda found, rule=rule: self._found(rule, found.group()), text)  # type: ignore[misc]
        return text

    def _found(self, rule: Rule, text: str) -> str:
        if text in self.kept or (rule is _ADDRESSES and not _is_address(text)):
            return text
        if rule is _EMAILS:
            return self._email(text)
        made = self._stand_in(rule, text)
        if rule is _ADDRESSES and (within := self._kept_network(text, self._numbers[rule.title][text])):
            return within
        return made

    def _email(self, text: str) -> str:
        """Return what stands for an e-mail address, which in a URL has another sign in it."""
        sign, plain = "%40" if "%40" in text else "@", text.replace("%40", "@")
        made = self._stand_in(_EMAILS, plain)
        return made.partition("@")[0] + sign + (self._kept_domain(plain) or made.partition("@")[2])

    def _stand_in(self, rule: Rule, text: str) -> str:
        numbers = self._numbers.setdefault(rule.title, {})
        made = {rule.stand_in(number, known): known for known, number in numbers.items()}
        if text in made:  # a pseudonym that stands in the event already is its own
            return text
        return rule.stand_in(numbers.setdefault(text, len(numbers) + 1), text)

    def _kept_domain(self, text: str) -> str | None:
        """Return the domain of an e-mail address where the workflow asks for it."""
        domain = text.partition("@")[2]
        asked = (kept.lstrip("*@.").lower() for kept in self.kept if "." in kept)
        return domain if any(each and domain.lower().endswith(each) for each in asked) else None

    def _kept_network(self, text: str, number: int) -> str | None:
        """Return an address of the same network where the workflow asks for a network."""
        for kept in self.kept:
            network = _network(kept)
            if network is not None and ip_address(text) in network and number < network.num_addresses:
                return str(network[number])
        return None

    def _everywhere(self, value: object) -> object:
        """Replace the whole texts of named fields wherever else they stand."""
        if isinstance(value, Mapping):
            return {key: self._everywhere(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self._everywhere(each) for each in value]
        if not isinstance(value, str) or value in self.kept:
            return value
        for text in sorted(self._named, key=len, reverse=True):
            value = re.sub(rf"(?<![\w-]){re.escape(text)}(?![\w-])", lambda _, made=self._named[text]: made, value)  # type: ignore[misc]
        return value


def compared_with(workflow: str) -> frozenset[str]:
    """Return every text that stands in a workflow, and the texts within its expressions."""
    found: set[str] = set()
    for text in _texts(load(workflow).value):
        found.add(text)
        found.update(one or other for one, other in re.findall(r"'([^']*)'|\"([^\"]*)\"", text))
    return frozenset(found - {""})


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _plain(name: str) -> str:
    return re.sub("[-_ ]", "", name).lower()


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return text not in {"::", "::1", "127.0.0.1", "0.0.0.0"}  # noqa: S104 - said of nobody


def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text) if "/" in text else None
    except ValueError:
        return None
