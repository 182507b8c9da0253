"""A play: faults strike a stage one after the other, some during others, and in the end each event is judged."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.crash.stage.faults import Fault
from tests.crash.stage.judge import Story
from tests.crash.stage.stage import Stage, complaints
from tests.crash.stage.vendor import Load


@dataclass
class Play:
    """What happened on a stage: the load of each fault, and what went wrong with the fault itself."""

    stage: Stage
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    loads: dict[Fault, Load] = field(default_factory=dict)
    broken: dict[Fault, Exception] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    #: Exit status and output of ``wink ledger check`` in the end.
    ledger: tuple[int, str] = (1, "")

    @contextmanager
    def struck(self, fault: Fault) -> Iterator[None]:
        """Let a fault strike, and mend it when the block ends; one that cannot is noted, and the play goes on."""
        with ExitStack() as stack:
            self._try(fault, lambda: self._strike(fault, stack))
            yield
            self._try(fault, stack.close)

    def _strike(self, fault: Fault, stack: ExitStack) -> None:
        load = self.loads.setdefault(fault, Load(fault.name))
        stack.enter_context(self.stage.vendor.sending(self.stage.quick, load))
        stack.enter_context(fault.strike(self.stage, load))

    def _try(self, fault: Fault, deed: Callable[[], None]) -> None:
        try:
            deed()
        except Exception as error:  # noqa: BLE001 - the test of this fault raises it
            self.broken.setdefault(fault, error)

    def strike(self, faults: Sequence[Fault]) -> None:
        """Let faults strike, one after the other."""
        for fault in faults:
            with self.struck(fault):
                pass

    def end(self) -> None:
        """Wait until all is done, and gather what became of everything."""
        self.stories = self.stage.settle()
        done = self.stage.webs[0].command("ledger", "check")
        self.ledger = (done.returncode, done.stdout + done.stderr)

    def complaints(self, fault: Fault) -> list[str]:
        """Say what is wrong with the events that were sent during a fault."""
        return [said for name in self.loads[fault].acknowledged for said in complaints(self.stories[name])]

    def repeated(self, fault: Fault) -> int:
        """Say how many effects of these events came once more than once."""
        return sum(self.stories[name].repeated for name in self.loads[fault].acknowledged)
