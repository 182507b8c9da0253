"""The picture of a workflow as numbers: where each step's box stands, and which lines lead to it.

What is drawn is made of blocks that know their size: a block is put below, beside or around others, and moves with all
that is in it. Lengths are in pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise

from engine.definitions.checker import Outline
from engine.definitions.outline_steps import Item, items_of
from engine.definitions.workflow import StepKind
from engine.language.values import shorten

#: Steps that are drawn; a picture of more of them shows nothing.
MOST_DRAWN = 300

_WIDTH, _HEIGHT, _NOTE = 216.0, 48.0, 17.0
_PILL = 26.0
#: Between blocks: from top to bottom, from left to right, and around what a frame holds.
_DOWN, _ASIDE, _AROUND, _TITLE = 28.0, 36.0, 14.0, 30.0
#: Characters for which a box, a pill and a frame have room.
_ROOM, _ROOM_OF_CODE = 27, 29


@dataclass(frozen=True, slots=True)
class Shape:
    """A box, a pill (what is asked) or a frame (what others stand in)."""

    kind: str
    x: float
    y: float
    width: float
    height: float
    title: str
    detail: str = ""
    notes: tuple[str, ...] = ()
    #: All of the title, for who points at it.
    whole: str = ""
    #: First and last line of what is drawn.
    lines: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A line through points; label: words at its second point."""

    points: tuple[tuple[float, float], ...]
    label: str = ""
    kind: str = ""
    arrow: bool = True

    @property
    def path(self) -> str:
        """Return it as SVG writes a path."""
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in self.points)


@dataclass(frozen=True, slots=True)
class Graph:
    """A whole picture, and the same in words."""

    width: float
    height: float
    frames: tuple[Shape, ...]
    lines: tuple[Line, ...]
    shapes: tuple[Shape, ...]
    #: The steps as a list; the picture shows no more than it.
    items: Sequence[Item]
    #: The steps that run when the workflow has failed.
    on_error: Sequence[Item]
    #: False where there are too many steps to be drawn.
    drawn: bool = True


@dataclass(frozen=True, slots=True)
class _Block:
    """What is drawn with its corner at 0, 0; it is entered at the top and left at the bottom, at ``axis``."""

    width: float
    height: float
    axis: float
    shapes: tuple[Shape, ...] = ()
    frames: tuple[Shape, ...] = ()
    lines: tuple[Line, ...] = field(default=())

    def at(self, x: float, y: float) -> "_Block":
        """Return what is drawn, moved."""
        return replace(
            self,
            shapes=tuple(replace(one, x=one.x + x, y=one.y + y) for one in self.shapes),
            frames=tuple(replace(one, x=one.x + x, y=one.y + y) for one in self.frames),
            lines=tuple(replace(one, points=tuple((a + x, b + y) for a, b in one.points)) for one in self.lines),
        )


def draw(outline: Outline) -> Graph:
    """Return the picture of a workflow, as far as it could be read."""
    workflow = outline.workflow
    items, on_error = items_of(outline, workflow.steps, "steps"), items_of(outline, workflow.on_error, "on_error")
    if sum(1 for _ in _all(items)) + sum(1 for _ in _all(on_error)) > MOST_DRAWN:
        return Graph(0, 0, (), (), (), items, on_error, drawn=False)
    block = _column([_start(outline), *map(_step, items)])
    if on_error:
        block = _below(block, _framed("If the run fails", _column([*map(_step, on_error)]), "error"))
    block = block.at(1, 1)
    return Graph(block.width + 10, block.height + 10, block.frames, block.lines, block.shapes, items, on_error)


def _all(items: Sequence[Item]) -> Iterator[Item]:
    for item in items:
        yield item
        for steps in (*item.branches.values(), *(steps for _, steps in item.cases)):
            yield from _all(steps)


def _start(outline: Outline) -> _Block:
    """Return the box of what starts it."""
    workflow = outline.workflow
    starts = [", ".join(workflow.triggers)] if workflow.triggers else []
    if workflow.schedule:
        starts.append(f"At {workflow.schedule.cron}, {workflow.schedule.timezone}")
    if workflow.silences:
        starts.append(f"Silence of {', '.join(workflow.silences)}")
    if workflow.manual:
        starts.append("By hand")
    title, others = starts[0] if starts else "Nothing starts it", starts[1:]
    condition = (f"if {workflow.condition.text}",) if workflow.condition else ()
    mark = outline.document.key_mark(("on",)).line
    last = outline.document.mark(("steps",)).line - 2
    notes = (*condition, *(f"or {other[0].lower()}{other[1:]}" for other in others))
    return _box("start", title, ", ".join(workflow.events), notes, (mark, max(mark, last)))


def _box(kind: str, title: str, detail: str, notes: Sequence[str], lines: tuple[int, int]) -> _Block:
    height = _HEIGHT - (0 if detail else 18) + _NOTE * len(notes)
    cut = tuple(shorten(note, _ROOM_OF_CODE) for note in notes)
    whole = "\n".join(filter(None, (title, detail, *notes)))
    shape = Shape(kind, 0, 0, _WIDTH, height, shorten(title, _ROOM), shorten(detail, _ROOM_OF_CODE), cut, whole, lines)
    return _Block(_WIDTH, height, _WIDTH / 2, (shape,))


def _step(item: Item) -> _Block:
    body = _use(item) if item.kind is StepKind.USES else _framed(item.title, _inside(item), "", item)
    failing = (body.width, _HEIGHT / 2)
    if item.condition:
        block = _column([_pill(f"if {item.condition}", item), body], "yes")
        failing = (block.axis - body.axis + body.width, _PILL + _DOWN + _HEIGHT / 2)
    else:
        block = body
    asked = (block.axis + _WIDTH / 2, _PILL / 2)
    if item.branches["on_error"]:
        block = _branched(block, _column([*map(_step, item.branches["on_error"])]), "error", failing)
    if (
        item.branches["else"] and item.kind is not StepKind.SWITCH
    ):  # further out, so that its line runs above what is done on an error
        block = _branched(block, _column([*map(_step, item.branches["else"])]), "no", asked)
    return block


def _inside(item: Item) -> _Block:
    """Return what stands in the frame of a step that is made of others."""
    if item.kind is StepKind.SWITCH:
        otherwise = [("else", item.branches["else"])] if item.branches["else"] else []
        return _cases(item, [*item.cases, *otherwise])
    blocks = [*map(_step, item.branches["steps"])]
    inside = _column(blocks) if item.kind is StepKind.GROUP else _row(blocks)
    return _column([_pill(f"while {item.repeats}", item), inside], "yes") if item.repeats else inside


def _pill(words: str, item: Item) -> _Block:
    """Return what is asked before a step, or in it."""
    title = shorten(words, _ROOM_OF_CODE)
    return _Block(
        _WIDTH, _PILL, _WIDTH / 2, (Shape("pill", 0, 0, _WIDTH, _PILL, title, whole=words, lines=item.lines),)
    )


def _cases(item: Item, cases: Sequence[tuple[str, Sequence[Item]]]) -> _Block:
    """Put the steps of each case below what is asked, beside each other, each with a line that leads to it."""
    blocks = [_column([*map(_step, steps)]) for _, steps in cases]
    row, fork = _row(blocks), _PILL + _ASIDE / 4
    asked = _pill(f"switch {item.switch}", item).at(row.axis - _WIDTH / 2, 0)
    axes = [left + block.axis for left, block in zip(_lefts(blocks), blocks, strict=True)] or [row.axis]
    lines = [Line(((row.axis, _PILL), (row.axis, fork), (axes[-1], fork)), arrow=False)]
    for (label, _), x in zip(cases, axes, strict=False):
        lines.append(Line(((x, fork), (x, fork + _DOWN)), shorten(label, _ROOM)))
    return _Block(
        max(row.width, _WIDTH), fork + _DOWN + row.height, row.axis, *_together([asked, row.at(0, fork + _DOWN)], lines)
    )


def _use(item: Item) -> _Block:
    kind = "disabled" if item.disabled else "loop" if item.is_loop else "use"
    return _box(kind, item.title, item.uses, item.notes, item.lines)


def _column(blocks: Sequence[_Block], label: str = "") -> _Block:
    """Put blocks below each other, with an arrow from each to the next."""
    axis = max((block.axis for block in blocks), default=_WIDTH / 2)
    width = axis + max((block.width - block.axis for block in blocks), default=_WIDTH / 2)
    placed, y = [], 0.0
    for block in blocks:
        placed.append((block.at(axis - block.axis, y), y))
        y += block.height + _DOWN
    arrows = [
        Line(((axis, top + one.height), (axis, below)), label, kind="" if not label else "yes")
        for (one, top), (_, below) in pairwise(placed)
    ]
    return _Block(width, max(y - _DOWN, 0), axis, *_together([one for one, _ in placed], arrows))


def _row(blocks: Sequence[_Block]) -> _Block:
    """Put blocks beside each other."""
    placed, width = [], 0.0
    for block, x in zip(blocks, _lefts(blocks), strict=True):
        placed.append(block.at(x, 0))
        width = x + block.width
    height = max((one.height for one in blocks), default=0)
    return _Block(width, height, blocks[0].axis if blocks else _WIDTH / 2, *_together(placed, []))


def _lefts(blocks: Sequence[_Block]) -> Iterator[float]:
    """Yield where each of the blocks of a row begins."""
    return accumulate((block.width + _ASIDE for block in blocks[:-1]), initial=0.0) if blocks else iter(())


def _framed(title: str, block: _Block, kind: str, item: Item | None = None) -> _Block:
    """Put a frame with a title around a block."""
    width, height = max(block.width, _WIDTH) + 2 * _AROUND, block.height + _TITLE + _AROUND
    notes = item.notes if item else ()
    words = " · ".join((title, *notes))
    shape = Shape(
        kind or "group", 0, 0, width, height, shorten(words, int(width / 8)), whole=words,
        lines=item.lines if item else (0, 0),
    )  # fmt: skip
    inner = block.at(_AROUND, _TITLE)
    return replace(inner, width=width, height=height, axis=block.axis + _AROUND, frames=(shape, *inner.frames))


def _below(above: _Block, below: _Block) -> _Block:
    """Put a block below another, with nothing between them."""
    axis = max(above.axis, below.axis)
    width = axis + max(above.width - above.axis, below.width - below.axis)
    y = above.height + _DOWN
    placed = [above.at(axis - above.axis, 0), below.at(axis - below.axis, y)]
    return _Block(width, y + below.height, axis, *_together(placed, []))


def _branched(main: _Block, branch: _Block, label: str, begin: tuple[float, float]) -> _Block:
    """Put what runs instead beside a block: a line leads to it from where it begins, and another one back."""
    x, down = main.width + _ASIDE, begin[1] + _DOWN
    moved = branch.at(x, down)
    height = max(main.height, down + branch.height) + _DOWN / 2
    there, back = x + branch.axis, main.axis
    lines = [
        Line((begin, (there, begin[1]), (there, down)), label, label),
        Line(((there, down + branch.height), (there, height), (back, height)), kind=label, arrow=False),
        Line(((back, main.height), (back, height)), arrow=False),
    ]
    return _Block(x + branch.width, height, main.axis, *_together([main, moved], lines))


def _together(
    blocks: Sequence[_Block], lines: Sequence[Line]
) -> tuple[tuple[Shape, ...], tuple[Shape, ...], tuple[Line, ...]]:
    return (
        tuple(shape for block in blocks for shape in block.shapes),
        tuple(frame for block in blocks for frame in block.frames),
        (*(line for block in blocks for line in block.lines), *lines),
    )
