"""The plots of the page: bars as SVG, which read on light and on dark ground alike."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from tests.bench.goals import USUAL, Results
from tests.bench.results import Work
from tests.bench.table import figure

#: In pixels: the whole, where bars begin and may end, and from one bar to the next.
_WIDTH, _LEFT, _RIGHT = 800, 290, 680
_TOP, _ROW, _BAR = 66, 30, 16
#: Below the bars: with a scale, and without.
_SCALE, _END = 30, 8

_STYLE = """
  .ground { fill: #fff; stroke: #d0d7de }
  text { fill: #1f2328; font: 13px system-ui, sans-serif }
  .title { font-size: 16px; font-weight: 600 }
  .quiet { fill: #59636e }
  .grid { stroke: #d0d7de }
  .first { fill: #818b98 } .more { fill: #d0d7de }
  .ours .first { fill: #0969da } .ours .more { fill: #a5cdf7 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .quiet { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .first { fill: #9198a1 } .more { fill: #3d444d }
    .ours .first { fill: #4493f8 } .ours .more { fill: #1c4a86 }
  }
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A row of a plot. values: one, or two of which the second is at least as much; ours: whether it is Wink."""

    label: str
    values: Sequence[float]
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Plot:
    """What a plot says. legend: what its values are; spans: each bar reaches from its first value to its second.

    Spans stand on a logarithmic scale; other bars begin at nothing, and are as long as their values.
    """

    title: str
    legend: str
    bars: Sequence[Bar]
    spans: bool = False

    def svg(self) -> str:
        """Return it as SVG."""
        height = _TOP + _ROW * len(self.bars) + (_SCALE if self.spans else _END)
        size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(self.title)}">',
            f"<style>{_STYLE}</style>",
            f'<rect class="ground" x="0.5" y="0.5" width="{_WIDTH - 1}" height="{height - 1}" rx="6"/>',
            _text(20, 28, self.title, "title"),
            _text(20, 48, self.legend, "quiet"),
            *(self._grid(height) if self.spans else ()),
            *(self._row(_TOP + _ROW * index, bar) for index, bar in enumerate(self.bars)),
            "</svg>",
        ]
        return "\n".join(parts) + "\n"

    def _row(self, top: int, bar: Bar) -> str:
        line, ends = top + _BAR - 3, [self._place(value) for value in bar.values]
        words = " / ".join(map(figure, bar.values))
        ours = ' class="ours"' if bar.ours else ""
        label = _text(_LEFT - 12, line, bar.label, anchor="end")
        shapes = "".join(self._shapes(top, ends))
        return f"<g{ours}>{label}{shapes}{_text(ends[-1] + 12, line, words, 'quiet')}</g>"

    def _shapes(self, top: int, ends: Sequence[float]) -> Iterator[str]:
        if self.spans:
            yield _rectangle("more", ends[0], ends[-1], top + 5, _BAR - 10)
            yield from (f'<circle class="first" cx="{end:.1f}" cy="{top + _BAR / 2}" r="5"/>' for end in ends)
        else:
            yield _rectangle("more", _LEFT, ends[-1], top, _BAR)
            yield _rectangle("first", _LEFT, ends[0], top, _BAR)

    def _grid(self, height: int) -> Iterator[str]:
        low, high = self._decades()
        for power in range(low, high + 1):
            x = self._place(10.0**power)
            yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{_TOP - 6}" y2="{height - 24}"/>'
            yield _text(x, height - 9, f"{10.0**power:g}", "quiet", anchor="middle")

    def _place(self, value: float) -> float:
        """Return where a value lies, in pixels from the left; what is no number lies where nothing does."""
        if not math.isfinite(value):
            return _LEFT
        if self.spans:
            low, high = self._decades()
            share = (math.log10(max(value, 10.0**low)) - low) / (high - low)
        else:
            share = value / max(self._values(), default=1.0)
        return _LEFT + share * (_RIGHT - _LEFT)

    def _decades(self) -> tuple[int, int]:
        values = self._values() or [1.0]
        low = math.floor(math.log10(min(values)))
        return low, max(low + 1, math.ceil(math.log10(max(values))))

    def _values(self) -> list[float]:
        return [value for bar in self.bars for value in bar.values if math.isfinite(value) and value > 0]


def plots(results: Results) -> Mapping[str, Plot]:
    """Return each plot by the name of its file."""
    works = [*((work, True) for work in results.winks), *((work, False) for work in results.peers)]
    return {
        "finished": Plot(
            "Events finished per second",
            "the whole work, at the number of connections that suits each best; longer is better",
            [Bar(work.name, [work.best_rate], ours) for work, ours in works],
        ),
        "receipt": Plot(
            f"Latency of the answer at {USUAL} connections, ms",
            "p50 and p99, logarithmic, less is better; with its way of proof: only kept, the others: the whole work",
            [*_receiving(results), *(_answer(work, ours) for work, ours in works)],
            spans=True,
        ),
        "memory": Plot(
            "Memory of its own processes, MB",
            "idle (strong) and the most under load (pale); shorter is better",
            [Bar(work.name, [work.idle, work.peak], ours) for work, ours in works],
        ),
        "cpu": Plot(
            "Processor time per finished event, ms",
            "of its own processes (strong), and with PostgreSQL's and RabbitMQ's (pale); shorter is better",
            [Bar(work.name, _processor_time(work), ours) for work, ours in works],
        ),
    }


def _receiving(results: Results) -> Iterator[Bar]:
    for work in results.winks:
        for series in work.receiving:
            load = series.loads[USUAL]
            yield Bar(series.name, [load.p50, load.p99], ours=True)


def _answer(work: Work, ours: bool) -> Bar:  # noqa: FBT001 - half of a pair
    load = work.finished[USUAL].load
    return Bar(work.name, [load.p50, load.p99], ours)


def _processor_time(work: Work) -> list[float]:
    return [work.cpu, work.cpu + work.services] if work.services else [work.cpu]


def _text(x: float, y: float, words: str, kind: str = "", *, anchor: str = "start") -> str:
    name = f' class="{kind}"' if kind else ""
    return f'<text{name} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'


def _rectangle(kind: str, begin: float, end: float, top: float, height: float) -> str:
    return f'<rect class="{kind}" x="{begin:.1f}" y="{top}" width="{max(end - begin, 1):.1f}" height="{height}"/>'
