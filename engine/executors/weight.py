"""What runs in memory weigh: the bytes of the events that started them, which stay there, parsed, until they end."""

from dataclasses import dataclass, field

#: Bytes for which there is room at once. Parsed, JSON takes as many up to ten times as many.
MOST = 64 * 1024 * 1024


@dataclass(slots=True)
class Weight:
    """What the runs of one process weigh; largest: bytes of the largest event, of which there is room for two."""

    largest: int
    total: int = field(init=False, default=0)
    most: int = field(init=False)
    _each: dict[str, int] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.most = max(MOST, 2 * self.largest)

    def fits(self, octets: int) -> bool:
        """Tell whether there is room for so many bytes; small ones find some where a large one does not."""
        return self.total + octets <= self.most

    def put(self, run_id: str, octets: int) -> None:
        """Count a run."""
        self.drop(run_id)
        self._each[run_id] = octets
        self.total += octets

    def drop(self, run_id: str) -> None:
        """Count it no more."""
        self.total -= self._each.pop(run_id, 0)
