"""``email.send``: one message, handed to the mail server of a connection."""

import re
from collections.abc import Iterator, Mapping, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from hashlib import sha256

from engine.actions.action import Action, Call, build_action
from engine.actions.caller import hidden_of
from engine.actions.guard import Guard
from engine.actions.schemes import GENERIC
from engine.actions.smtp import Envelope, hand_over
from engine.definitions.action import ActionSpec
from engine.definitions.dialect import Failure
from engine.definitions.example import Example, Gives
from engine.errors import ActionFailed
from engine.language.template import compile_template
from engine.language.values import Path
from engine.words import ConnectionScheme, Effect

#: Most recipients of one message: what every server has to take. Source: RFC 5321 section 4.5.3.1.8
MOST_RECIPIENTS = 100

#: A mailbox with or without a name, its address in ASCII. Source: RFC 5322 section 3.4, RFC 5321 section 4.1.2
_MAILBOX = re.compile(
    r"(?:(?P<name>[^<>@\"]*?) *<)?"
    r"(?P<local>[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)"
    r"@(?P<domain>[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*)"
    r"(?(name)>)",
    re.ASCII,
)
#: No line is longer than servers take, and none needs more than seven bits.
_POLICY = SMTP.clone(cte_type="7bit")

_SEVERAL = "; several are a list"
_NO_BODY = "the message needs `text`, `html` or both"
_NO_HEADER = "it holds a line break or another character that no header can hold"

_MAILBOXES = {"type": ["string", "array"], "items": {"type": "string"}}


def read_mailbox(text: str) -> Address:
    """Read one address, with or without a name before it.

    Raises:
        ActionFailed: ``invalid``: it is none, or holds what could begin another header.
    """
    found = _MAILBOX.fullmatch(text.strip(" "))
    if found is None or not (found["name"] or "").isprintable():
        raise ActionFailed("invalid", f"{text[:100]!r} is no address such as ann@example.com or Ann <ann@example.com>")
    return Address(found["name"] or "", found["local"], found["domain"])


def _judge(given: Mapping[str, object]) -> Iterator[tuple[Path, str]]:
    """Judge a message as it is written; what will be filled in is judged when it is sent."""
    for name in ("to", "cc", "bcc", "reply_to"):
        for text in _texts(given.get(name)):
            try:
                read_mailbox(text)
            except ActionFailed as error:
                yield (name,), f"`{name}`: {error.detail}{_SEVERAL}"
    if any(not text.isprintable() for text in _texts(given.get("subject"))):
        yield ("subject",), f"`subject`: {_NO_HEADER}"
    if given.keys().isdisjoint(("text", "html")):
        yield (), _NO_BODY


def _texts(value: object) -> Sequence[str]:
    """Return the texts among a value, or a list of them, that are written out."""
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, str) and compile_template(one).constant]


SEND = ActionSpec(
    name="email.send",
    title="Send an e-mail",
    inputs={
        "to": {"description": "An address, or a list: `ann@example.com` or `Ann <ann@example.com>`.", **_MAILBOXES}
        | {"required": True},
        "subject": {"description": "One line.", "type": "string", "required": True},
        "text": {"description": "The message as plain text. This, `html` or both.", "type": "string"},
        "html": {"description": "The message as HTML, beside or instead of `text`.", "type": "string"},
        "cc": {"description": "Who gets a copy, as `to`.", **_MAILBOXES},
        "bcc": {"description": "Who gets a copy that the others do not see, as `to`.", **_MAILBOXES},
        "reply_to": {"description": "Where answers go, as `to`.", **_MAILBOXES},
    },
    output={
        "type": "object",
        "properties": {
            "message_id": {
                "type": "string",
                "description": "Made from the step's key: a repetition has the same, by which mailboxes can tell it.",
            },
            "refused": {
                "type": "object",
                "additionalProperties": {"type": "string"},
                "description": "By recipient what the server said of those that it did not take while it took others.",
            },
        },
    },
    effect=Effect.ONCE,
    takes_connection=True,
    needs_connection=True,
    connection_kind=ConnectionScheme.SMTP,
    doc="The message is handed to the mail server of its connection, whose scheme is `smtp`, from that one's `from`.",
    failures={
        Failure.TIMEOUT: "The server did not answer in time.",
        Failure.CONNECTION: "No address, no connection, a wrong certificate, or the server asks to come again (4yz).",
        Failure.REFUSED: "The server's address is not public.",
        Failure.FAILED: "The server refuses for good (5yz); `error.output` holds its `code` and `message`.",
    },
    source="https://www.rfc-editor.org/rfc/rfc5321",
    example=Example(
        """\
- id: tell
  uses: email.send
  connection: mail
  with:
    to: [ann@example.com, Ben <ben@example.com>]
    subject: "Critical: ${{ event.data.title }}"
    text: ${{ event.data.title }} was found at ${{ event.data.place }}.
""",
        data={"title": "SQL injection", "place": "shop.example.com"},
        answers=(Gives({"message_id": "<5f0c3d7e@example.com>", "refused": {}}),),
        stood_in="email.send",
    ),
    judge=_judge,
)


def mail_actions(guard: Guard) -> tuple[Action, ...]:
    """Return every ``email.*`` action."""
    return (build_action(SEND, partial(_send, guard)),)


async def _send(guard: Guard, call: Call) -> Mapping[str, object]:
    connection = call.connection
    if connection is None or connection.scheme is not ConnectionScheme.SMTP:
        raise ActionFailed("invalid", "the step needs `connection:`, the name of a connection with the scheme smtp")
    call.hidden.update(hidden_of(connection, GENERIC[connection.scheme]))
    sender = read_mailbox(connection.values["from"])
    recipients = [each.addr_spec for name in ("to", "cc", "bcc") for each in _mailboxes(call.inputs, name)]
    if not 0 < len(recipients) <= MOST_RECIPIENTS:
        raise ActionFailed(
            "invalid", f"a message goes to 1 to {MOST_RECIPIENTS} recipients, and this one to {len(recipients)}"
        )
    try:
        message = _message(call, sender)
        envelope = Envelope(sender.addr_spec, list(dict.fromkeys(recipients)), message.as_bytes())
    except UnicodeEncodeError as error:
        raise ActionFailed("invalid", "the message holds half of a surrogate pair, which is no text") from error
    refused = await hand_over(guard, connection.values, envelope, call.within)
    return {"message_id": message["Message-ID"], "refused": refused}


def _message(call: Call, sender: Address) -> EmailMessage:
    message = EmailMessage(policy=_POLICY)
    message["From"] = sender
    for header, name in (("To", "to"), ("Cc", "cc"), ("Reply-To", "reply_to")):
        if found := _mailboxes(call.inputs, name):
            message[header] = found
    message["Subject"] = _subject(str(call.inputs["subject"]))
    message["Date"] = format_datetime(call.now)
    message["Message-ID"] = _identity(call.key, sender.domain)
    # Nobody's absence answers it. Source: RFC 3834 section 5
    message["Auto-Submitted"] = "auto-generated"
    bodies = list(_bodies(call.inputs))
    if not bodies:
        raise ActionFailed("invalid", _NO_BODY)
    for add, (subtype, content) in zip((message.set_content, message.add_alternative), bodies, strict=False):
        add(content, subtype=subtype)
    return message


def _bodies(inputs: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Return the forms of the message, the plainest first. Source: RFC 2046 section 5.1.4."""
    for name, subtype in (("text", "plain"), ("html", "html")):
        if name in inputs:
            yield subtype, str(inputs[name])


def _mailboxes(inputs: Mapping[str, object], name: str) -> Sequence[Address]:
    given = inputs.get(name, [])
    try:
        return [read_mailbox(str(each)) for each in (given if isinstance(given, list) else [given])]
    except ActionFailed as error:
        raise ActionFailed("invalid", f"{name}: {error.detail}{_SEVERAL}") from error


def _subject(text: str) -> str:
    if not text.isprintable():
        raise ActionFailed("invalid", f"subject: {_NO_HEADER}")
    return text


def _identity(key: str, domain: str) -> str:
    """Return the message's identity, the same for every attempt of one visit of a step: it tells a repetition."""
    return f"<{sha256(key.encode()).hexdigest()[:40]}@{domain}>"
