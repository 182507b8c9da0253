"""When a workflow starts by the clock: five fields of cron, on the clock of a time zone.

Where that clock is put forward or back, a time that is skipped comes right after the gap and a time that comes twice
counts once, as in Debian's cron; a schedule whose minute or hour begins with ``*`` goes by real time all along.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from re import finditer
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from engine.errors import ExpressionError, nearest

#: The fields of cron, and what each can hold.
FIELDS = (
    ("minute", "0 to 59"),
    ("hour", "0 to 23"),
    ("day of the month", "1 to 31, or L for the last"),
    ("month", "1 to 12, or JAN to DEC"),
    ("day of the week", "0 to 7, or SUN to SAT; 0 and 7 are Sunday"),
)

#: Times that passed unseen are counted up to here.
MOST_MISSED = 1_000

#: Spans before now that are searched for the last time that is due, nearest first: few times lie in each.
_SPANS = (timedelta(hours=1), timedelta(days=1), timedelta(days=31), timedelta(days=366))

_FORM = "minute, hour, day of the month, month and day of the week, as in `0 8 * * 1-5`"


@dataclass(frozen=True, slots=True)
class Schedule:
    """The times of one workflow; both texts have been checked."""

    cron: str
    timezone: str

    def after(self, moment: datetime) -> datetime:
        """Return the first time after the moment, in UTC.

        Raises:
            ExpressionError: none comes in fifty years; a checked schedule has one.
        """
        try:
            return next(self._times(moment))
        except StopIteration:
            raise ExpressionError(f"`{self.cron}` never comes: no such day is in the calendar") from None

    def last(self, first: datetime, now: datetime) -> datetime | None:
        """Return the last time from ``first`` to now, both included; None where there is none."""
        for begin in (*(max(first, now - span) for span in _SPANS), first):
            last = None
            for last in self._until(begin, now):  # noqa: B007 - the last one is wanted
                pass
            if last is not None:
                return last
        return None

    def count(self, first: datetime, until: datetime) -> int:
        """Return how many times there are from ``first`` to ``until``, both included; at most :data:`MOST_MISSED`."""
        return sum(1 for _ in islice(self._until(first, until), MOST_MISSED))

    def _until(self, first: datetime, until: datetime) -> Iterator[datetime]:
        for time in self._times(first - timedelta(microseconds=1)):
            if time > until:
                return
            yield time

    def _times(self, moment: datetime) -> Iterator[datetime]:
        """Yield the times after a moment, in UTC."""
        last = moment
        # From an hour that comes twice, the library would begin with what was there the first time.
        for local in CronSim(self.cron, moment.astimezone(ZoneInfo(self.timezone))):
            time = local.astimezone(UTC)
            if time > last:
                yield time
                last = time


def check_cron(text: str) -> None:
    """Look whether a text is five fields of cron that come some day.

    Raises:
        ExpressionError: it is not; with the column of the field.
    """
    parts = list(finditer(r"\S+", text))
    if len(parts) != len(FIELDS):
        raise ExpressionError(f"cron has five fields, and this has {len(parts)}: write {_FORM}")
    for index, (part, (name, values)) in enumerate(zip(parts, FIELDS, strict=True)):
        fields = ["*"] * len(FIELDS)
        fields[index] = part.group()
        if not _is_read(" ".join(fields)):
            raise ExpressionError(f"`{part.group()}` is no {name}: it is {values}", part.start())
    try:
        Schedule(text, "UTC").after(datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError:
        raise ExpressionError(f"`{text}` never comes: no such day is in the calendar", parts[2].start()) from None


def check_timezone(text: str) -> None:
    """Look whether a text names a time zone.

    Raises:
        ValueError: it does not; the words go on a sentence that begins with the key.
    """
    try:
        ZoneInfo(text)
    except (ValueError, OSError, LookupError):
        near = nearest(text, available_timezones())
        raise ValueError(f"must be a time zone, such as Europe/Zurich or UTC: `{text}` is none{near}") from None


def _is_read(text: str) -> bool:
    try:
        CronSim(text, datetime(2000, 1, 1, tzinfo=UTC))
    except CronSimError:
        return False
    return True
