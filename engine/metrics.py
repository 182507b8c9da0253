"""Counters and times for Prometheus, in a registry of each engine's own."""

from dataclasses import dataclass, field
from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from engine.words import Reason, Verdict

#: Seconds: fine where receiving usually is, coarse where it is late.
RECEIVE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


@dataclass(frozen=True, slots=True)
class Metrics:
    """What an operator watches; labels are words of :mod:`engine.words` and never come from a sender."""

    registry: CollectorRegistry
    deliveries: Counter
    sealed: Counter
    late_proofs: Counter
    unknown_addresses: Counter
    answers: Counter
    runs: Counter
    sign_ins: Counter
    silent: Gauge
    queued: Gauge
    oldest: Gauge
    workers: Gauge
    receive_seconds: Histogram
    _children: dict[tuple[Counter, tuple[str, ...]], Counter] = field(default_factory=dict)

    def count(self, counter: Counter, *labels: str) -> None:
        """Add one to a counter; its child is looked up once, which the library would do each time under a lock."""
        child = self._children.get((counter, labels))
        if child is None:
            child = self._children[counter, labels] = counter.labels(*labels)
        child.inc()

    def received(self, verdict: Verdict, reason: Reason, took: timedelta) -> None:
        """Count a delivery that is on disk; took: since its body was here, by a clock that may have been set back."""
        self.count(self.deliveries, verdict, reason)
        self.receive_seconds.observe(max(0.0, took.total_seconds()))


def build_metrics() -> Metrics:
    """Return metrics that count from nought."""
    registry = CollectorRegistry()
    return Metrics(
        registry,
        Counter("wink_deliveries", "Deliveries by verdict and reason.", ("verdict", "reason"), registry=registry),
        Counter("wink_sealed", "Deliveries that were kept sealed.", registry=registry),
        Counter("wink_late_proofs", "Sealed ones, by verdict and reason.", ("verdict", "reason"), registry=registry),
        Counter("wink_unknown_addresses", "Requests to addresses that no trigger has.", registry=registry),
        Counter("wink_answers", "What conditions answered about events.", ("answer",), registry=registry),
        Counter("wink_runs", "Runs that ended, by outcome.", ("outcome",), registry=registry),
        Counter("wink_sign_ins", "Tries to sign in, by how they ended.", ("result",), registry=registry),
        Gauge("wink_silent_triggers", "Triggers that are silent for longer than is normal.", registry=registry),
        Gauge("wink_queued_runs", "Runs that are queued.", registry=registry),
        Gauge("wink_oldest_due_seconds", "Since when the oldest event is unmatched, or run due.", registry=registry),
        Gauge("wink_workers", "Workers that are there; 0 where one process does all.", registry=registry),
        Histogram("wink_receive_seconds", "From body to answer.", buckets=RECEIVE_BUCKETS, registry=registry),
    )
