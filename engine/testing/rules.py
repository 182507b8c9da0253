"""What of an event is personal or secret: by its form in any text, or by the name of its field. One table."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address

#: Made-up telephone numbers that nobody has: 555-0100 to 555-0199.
#: Source: https://nanpa.com/numbering/555-line-numbers
_PHONES = 100

#: Networks for documentation. Source: https://www.rfc-editor.org/rfc/rfc5737, https://www.rfc-editor.org/rfc/rfc3849
_DOCUMENTATION = ("192.0.2", "198.51.100", "203.0.113")

#: Addresses that are nobody's.
_NOBODY = frozenset({"::", "::1", "127.0.0.1", "0.0.0.0"})  # noqa: S104 - nothing is bound to it

#: Words of a field's name that are looked at, from its end.
_MOST_WORDS = 4

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@dataclass(frozen=True, slots=True)
class Rule:
    """What is replaced, and by what."""

    #: As the documentation names it.
    title: str
    #: Returns what stands for the value: its number, and the value itself, are given.
    stand_in: Callable[[int, str], str]
    #: What is looked for within every text and key; empty where only the field's name tells. No pattern may look at a
    #: sign more than a few dozen times: whoever sends the event chooses the text.
    form: str = ""
    #: Ends of names of fields whose value is replaced as a whole: lower case, without what stands between words.
    fields: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _person(number: int, text: str) -> str:
    return f"Person {number}" if " " in text.strip() else f"user-{number}"


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


#: Words that name somebody: alone, or with ``name`` or ``id`` after them.
PERSONS = _words(
    "user actor author owner assignee reporter sender creator customer employee contact principal member manager "
    "person reviewer approver requester caller committer pusher patient"
)

#: In the order in which their forms are tried.
RULES = (
    Rule(
        "Credentials",
        lambda number, _text: f"token-{number}",
        r"(?<![\w-])eyJ[\w-]+\.[\w-]+\.[\w-]*|\bAKIA[A-Z0-9]{16}\b"
        r"|(?<![^\W_])(?:gh[pousr]|github_pat|glpat|xox[abprs]|sk|rk|whsec|wink_pat)[-_][\w-]{16,}",
        _words(
            "token tokens accesstoken refreshtoken idtoken sessiontoken secret secrets clientsecret secretkey password "
            "passwords passwd pwd passphrase passcode pin otp apikey apikeys accesskey accesskeyid privatekey "
            "signingkey encryptionkey cookie cookies authorization credential credentials sessionid"
        ),
    ),
    Rule(
        "E-mail addresses",
        lambda number, _text: f"user-{number}@example.com",
        r"[\w.+-][\w.+'-]{0,63}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}",
        _words("email emails mail emailaddress mailaddress"),
    ),
    Rule("UUIDs", _uuid, r"(?<![^\W_])(?i:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})(?![^\W_])"),
    Rule("Long hexadecimal numbers", _hex, r"(?<![^\W_])(?i:[0-9a-f]{32,})(?![^\W_])"),
    Rule(
        "Telephone numbers",
        _phone,
        r"(?<!\w)\+[0-9][0-9 ().-]{6,18}[0-9]\b",
        _words("phone phones phonenumber mobile mobilephone cellphone tel telephone fax"),
    ),
    Rule(
        "IP addresses",
        _address,
        r"(?<![\w:.])(?=[0-9A-Fa-f:]*::|(?:[0-9A-Fa-f]{1,4}:){6})[0-9A-Fa-f:]{2,39}(?:(?:\.[0-9]{1,3}){3})?(?![\w:]|\.[0-9])"
        r"|(?<![0-9.])[0-9]{1,3}(?:\.[0-9]{1,3}){3}(?![0-9]|\.[0-9])",
    ),
    Rule(
        "Names of people",
        _person,
        fields=frozenset(word + end for word in PERSONS for end in ("", "s", "name", "id"))
        | _words(
            "people login loginname nickname fullname firstname middlename lastname givenname familyname surname "
            "displayname realname accountname first middle last "
            "assignedto createdby updatedby modifiedby requestedby reportedby approvedby openedby closedby resolvedby"
        ),
    ),
    Rule(
        "Postal addresses",
        lambda number, _text: f"Street {number}",
        fields=_words("address addressline street streetaddress postaladdress postalcode postcode zip zipcode"),
    ),
    Rule("Dates of birth", lambda _number, _text: "1970-01-01", fields=_words("birthday birthdate dateofbirth dob")),
    Rule(
        "Numbers of papers and accounts",
        lambda number, _text: f"number-{number}",
        fields=_words(
            "ssn socialsecuritynumber nationalid passportnumber taxid iban cardnumber creditcard accountnumber"
        ),
    ),
)

_TITLED = {rule.title: rule for rule in RULES}
EMAILS, ADDRESSES, PEOPLE = _TITLED["E-mail addresses"], _TITLED["IP addresses"], _TITLED["Names of people"]

#: What a value is by its form; the group that is found says which rule it is.
FORMS = re.compile("|".join(f"(?P<r{index}>{rule.form})" for index, rule in enumerate(RULES) if rule.form))

#: What somebody's own fields are called, within a field that names somebody.
_OWN = frozenset({"name", "id"})

_BY_FIELD = {field: rule for rule in RULES for field in rule.fields}


def rule_of_field(name: str, parent: str) -> Rule | None:
    """Return the rule for all that stands in a field; parent: the name of the field around it."""
    rule = next((_BY_FIELD[end] for end in _ends(name) if end in _BY_FIELD), None)
    if rule is None and name.lower() in _OWN and any(end in PEOPLE.fields for end in _ends(parent)):
        return PEOPLE
    return rule


def found_in(text: str) -> Iterator[tuple[Rule, re.Match[str]]]:
    """Yield what has the form of something, from the left."""
    for found in FORMS.finditer(text):
        rule = RULES[int((found.lastgroup or "")[1:])]
        if rule is not ADDRESSES or _is_address(found.group()):
            yield rule, found


def _ends(name: str) -> Iterable[str]:
    """Yield what a field's name ends with, the most first: of ``contactName``, ``contactname`` and ``name``."""
    words = [word.lower() for word in _WORD.findall(name)][-_MOST_WORDS:]
    return ("".join(words[index:]) for index in range(len(words)))


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return text not in _NOBODY
