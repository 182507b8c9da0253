"""What an event led to, as it goes to the writer and comes back."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Self

from engine.path.match import Answered
from engine.path.run import Progress, Walk
from engine.store.journal import Matched
from engine.store.rows import Run


class Answering(NamedTuple):
    """What is written about an event, and how far the runs are that it starts here."""

    matched: Matched
    progresses: Sequence[Progress]

    @classmethod
    def of(
        cls,
        event_id: str,
        found: Answered,
        begun: Sequence[tuple[Walk, Run, Progress]],
        now: datetime,
        *,
        awaited: bool,
    ) -> Self:
        """Return it for what was found, with those of its runs that have begun; awaited: steps may wait for it."""
        rows = {run.id: run for _, run, _ in begun}
        progresses = [progress for _, _, progress in begun]
        matched = Matched(
            event_id=event_id,
            matched_at=now,
            matches=tuple(found.matches),
            runs=tuple([rows.get(start.run.id, start.run) for start in found.starts]),
            entries=tuple([entry for progress in progresses for entry in progress.advance.entries]),
            opened=tuple([opening for progress in progresses for opening in progress.advance.opened]),
            awaited=awaited,
            place=found.place,
        )
        return cls(matched, progresses)
