"""One tree of errors. The class docstring is the message; what a caller needs is a field, never text to search."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from math import ceil

from engine.words import Reason


class WinkError(Exception):
    """Something went wrong in Wink."""

    def __init__(self, detail: str = "") -> None:
        #: What went wrong this time, and what to do next; empty when the class says it all.
        self.detail = detail
        super().__init__(detail or (type(self).__doc__ or "").strip().splitlines()[0])


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in a text that somebody wrote: where it is, what is wrong, what to write instead.

    line and column count from 1; path is where in the data, as a tuple of keys and indices.
    """

    line: int
    column: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message}"


class Mistakes(WinkError):
    """The text has mistakes."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(mistakes)
        super().__init__("\n".join(map(str, self.mistakes)))


class ExpressionError(WinkError):
    """The expression cannot be read."""

    def __init__(self, detail: str, column: int = 0, path: tuple[str | int, ...] = ()) -> None:
        #: Offset in characters within the text that holds the expression, from 0.
        self.column = column
        #: Where that text is within a template's value or a condition's rows; empty when it is all there is.
        self.path = path
        super().__init__(detail)


class UnknownPath(WinkError):
    """A template asks for something that is not there."""


class Rejected(WinkError):
    """The delivery is refused."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        self.reason = reason
        super().__init__(detail)


class NotFound(WinkError):
    """There is no such thing."""


class Conflict(WinkError):
    """Somebody else was first: what you want to change is not what you saw, or the name is taken."""


class Forbidden(WinkError):
    """It is not for you to do: ask an administrator who may."""


class Invalid(WinkError):
    """A value cannot be taken."""

    def __init__(self, detail: str, field: str = "") -> None:
        #: Which field of the request, in dotted form; empty for the request as a whole.
        self.field = field
        super().__init__(detail)


class InvalidInputs(Invalid):
    """Inputs of a workflow do not fit."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        #: {input: what is wrong with it}.
        self.wrong = wrong
        super().__init__("; ".join(f"{name}: {words}" for name, words in wrong.items()), f"inputs.{next(iter(wrong))}")


class TooMany(WinkError):
    """There were too many tries: wait a little, then try again."""

    def __init__(self, retry_after: timedelta) -> None:
        #: After how long another try is worth it.
        self.retry_after = retry_after
        super().__init__(f"there were too many tries: wait {ceil(retry_after.total_seconds())} s, then try again")


class StoreUnavailable(WinkError):
    """The database could not take the write: nothing was acknowledged, so send it again."""


class Overloaded(WinkError):
    """More comes in than can be written down: nothing of this was kept, so send it again."""

    def __init__(self, retry_after: timedelta) -> None:
        #: After how long another try is worth it.
        self.retry_after = retry_after
        super().__init__()


class BrokerUnavailable(WinkError):
    """The broker did not take the message: what it was about is on disk, and a worker's sweep finds it."""


class AlreadyRunning(WinkError):
    """Another Wink process uses this data folder: stop it first, or give this one its own with --data."""


class AddressTaken(WinkError):
    """Something else listens on this address: stop it first, or choose another."""


class AddressUnreachable(WinkError):
    """The public address does not lead here: set WINK_PUBLIC_URL to one that does."""


class SettingsError(WinkError):
    """A setting is wrong."""


class ActionFailed(WinkError):
    """An action did not do what it should."""

    def __init__(self, kind: str, detail: str, *, output: object = None, retry_after: timedelta | None = None) -> None:
        #: One of ``timeout connection http_429 http_4xx http_5xx refused failed invalid``: what ``retry.when`` names.
        self.kind = kind
        #: What the action got back before it failed (an HTTP action: status, headers, body), or None.
        self.output = output
        #: How long the other side asks to wait before the next attempt.
        self.retry_after = retry_after
        super().__init__(detail)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the known name that is nearest to one that is not there, or nothing."""
    near = get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]!r}?" if near else ""
