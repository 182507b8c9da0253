"""The picture of a workflow's steps, and the same in words."""

from itertools import combinations
from pathlib import Path

import pytest

from engine.definitions.checker import check_workflow
from engine.definitions.graph import MOST_DRAWN, draw
from tests.definitions.conftest import ACTIONS, FINDING, HEAD

EVERYTHING = f"""{HEAD}steps:
  - id: note
    uses: core.log
    with: {{message: a}}
  - id: gate
    name: Only serious ones
    if: event.data.finding.score > 3
    for_each: ${{{{ event.data.tags }}}}
    steps:
      - {{id: one, uses: core.log, with: {{message: b}}, retry: {{attempts: 3}}}}
    else:
      - {{id: other, uses: core.log, with: {{message: c}}, disabled: true, effect: once, keep_output: false}}
    on_error:
      steps:
        - {{id: told, uses: core.log, with: {{message: d}}}}
  - id: route
    switch: event.type
    cases:
      low: [{{id: few, uses: core.log, with: {{message: f}}}}]
      '3': [{{id: number, if: event.id == 'a', uses: core.log, with: {{message: g}}}}]
    else:
      - id: both
        parallel:
          - {{id: left, steps: [{{id: l, uses: core.log, with: {{message: h}}}}]}}
          - {{id: right, if: event.id == 'a', steps: [{{id: r, uses: core.log, with: {{message: i}}}}]}}
      - {{id: again, while: loop.index < 2, max: 2, steps: [{{id: a, uses: core.log, with: {{message: j}}}}]}}
on_error:
  - {{id: alarm, uses: core.log, with: {{message: e}}}}
"""


def drawn(text: str):
    outline = check_workflow(text, "w", actions=ACTIONS, schemas=lambda trigger, event_type: FINDING).outline
    assert outline is not None
    return draw(outline)


def test_every_step_is_drawn_with_its_lines():
    shapes = {shape.title: shape.lines for shape in drawn(EVERYTHING).shapes}

    assert shapes["note"] == (4, 6)
    assert shapes["one"] == (12, 12)
    assert shapes["alarm"] == (30, 31)
    assert shapes["few"] == (21, 21)
    assert {"detectify", "other", "told", "number", "l", "r", "a"} <= shapes.keys()


def test_no_box_lies_on_another_and_all_are_within_the_picture():
    graph = drawn(EVERYTHING)

    for one, other in combinations(graph.shapes, 2):
        beside = one.x + one.width <= other.x or other.x + other.width <= one.x
        assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)
    for shape in (*graph.shapes, *graph.frames):
        assert 0 <= shape.x <= shape.x + shape.width <= graph.width
        assert 0 <= shape.y <= shape.y + shape.height <= graph.height


def test_branches_are_named_on_their_lines():
    assert sorted({line.label for line in drawn(EVERYTHING).lines}) == ["", "'3'", "else", "error", "low", "no", "yes"]


def test_the_list_says_what_the_picture_shows():
    note, gate, route = drawn(EVERYTHING).items

    assert (note.title, note.uses) == ("note", "core.log")
    assert (gate.title, gate.condition) == ("Only serious ones", "event.data.finding.score > 3")
    assert gate.notes == ("for each item",)
    assert [item.notes for item in gate.branches["steps"]] == [("up to 3 attempts",)]
    assert [item.notes for item in gate.branches["else"]] == [("disabled", "never repeated unasked", "output not kept")]
    assert [item.title for item in drawn(EVERYTHING).on_error] == ["alarm"]
    assert (route.switch, [case for case, _ in route.cases]) == ("event.type", ["low", "'3'"])
    both, again = route.branches["else"]
    assert (both.notes, [item.title for item in both.branches["steps"]]) == (("side by side",), ["left", "right"])
    assert (again.repeats, again.notes) == ("loop.index < 2", ("at most 2 turns",))


def test_a_text_with_mistakes_is_drawn_as_far_as_it_can_be_read():
    graph = drawn(f"{HEAD}steps:\n  - id: a\n    uses: core.lag\n  - 3\n  - if: '&&'\n")

    assert [shape.title for shape in graph.shapes] == ["detectify", "a", "step_2", "step_3"]


@pytest.mark.parametrize(
    ("step", "shown"),
    [
        ("switch: event.type", ["switch event.type"]),
        ("{switch: 5, cases: 5}", ["switch "]),
        ("{switch: event.type, cases: {a: 5, b: [5]}}", ["switch event.type", "step_1"]),
        ("{parallel: 5}", []),
        ("{parallel: [5, {id: a}]}", ["step_1", "a"]),
        ("{while: loop.index < 2, steps: 5}", ["while loop.index < 2"]),
    ],
)
def test_a_step_that_is_not_finished_yet_is_drawn_as_far_as_it_is(step, shown):
    graph = drawn(f"{HEAD}steps:\n  - {step}\n")

    assert [shape.title for shape in graph.shapes] == ["detectify", *shown]


def test_what_is_long_is_cut_and_kept_for_who_points_at_it():
    graph = drawn(f"{HEAD}steps:\n  - {{name: {'long ' * 30}, uses: core.log, with: {{message: a}}}}\n")

    assert len(graph.shapes[1].title) < 40
    assert graph.shapes[1].whole.startswith("long " * 29)


def test_a_picture_of_too_many_steps_is_not_drawn_but_listed():
    graph = drawn(f"{HEAD}steps:\n" + "  - {uses: core.log, with: {message: a}}\n" * (MOST_DRAWN + 1))

    assert not graph.drawn
    assert len(graph.items) == MOST_DRAWN + 1


@pytest.mark.parametrize("file", sorted(Path("workflows").glob("*.yaml")), ids=lambda file: file.stem)
def test_the_examples_can_be_drawn(file):
    assert drawn(file.read_text("utf-8")).shapes
