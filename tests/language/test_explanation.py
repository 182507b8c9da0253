"""An explanation is the tree of what was evaluated, with what each part saw."""

import json

from engine.language.condition import compile_condition
from engine.language.expression import compile_expression


def explain(text, scope, now):
    return compile_expression(text).explain(scope, now)[1].to_json()


def leaf(text, **own):
    return {"text": text, "answer": None, **own, "parts": []}


def test_the_tree_has_each_part_with_its_answer_and_what_it_saw(scope, now):
    tree = explain("event.data.finding.severity in ['critical'] and event.data.finding.score > 9", scope, now)

    assert tree == {
        "text": "event.data.finding.severity in ['critical'] and event.data.finding.score > 9",
        "answer": "yes",
        "parts": [
            {
                "text": "event.data.finding.severity in ['critical']",
                "answer": "yes",
                "parts": [leaf("event.data.finding.severity", value="critical")],
            },
            {
                "text": "event.data.finding.score > 9",
                "answer": "yes",
                "parts": [leaf("event.data.finding.score", value=9.5)],
            },
        ],
    }


def test_an_unknown_part_has_its_reason(scope, now):
    tree = explain("event.severity == 'high'", scope, now)

    assert (tree["answer"], tree["reason"]) == ("unknown", tree["parts"][0]["reason"])
    assert tree["parts"][0]["answer"] == "unknown"


def test_what_was_not_evaluated_is_not_told(scope, now):
    tree = explain("event.data.finding.fixed and event.id == 'x'", scope, now)

    assert [part["text"] for part in tree["parts"]] == ["event.data.finding.fixed"]


def test_a_loop_tells_each_turn(scope, now):
    tree = explain("any(tag == 'web' for tag in event.data.finding.tags)", scope, now)

    assert [part["text"] for part in tree["parts"]] == ["event.data.finding.tags", "tag == 'web'", "tag == 'web'"]
    assert [part["answer"] for part in tree["parts"]] == [None, "no", "yes"]


def test_a_long_loop_is_not_told_to_its_end(now):
    tree = explain("all(n >= 0 for n in numbers)", {"numbers": list(range(2_000))}, now)

    assert tree["answer"] == "yes"
    assert len(tree["parts"]) < 100


def test_long_values_are_cut(now):
    long = {"text": "x" * 5_000, "list": [["y" * 500] * 50] * 50, "map": {"k" * 500: {"a": {"b": 1}}}}

    tree = explain("event == null", {"event": long}, now)

    assert len(json.dumps(tree)) < 2_000


def test_times_are_shown_as_text(now):
    tree = explain("now() - duration('1h') < now()", {}, now)

    assert tree["parts"][0]["value"] == "2026-11-21T03:00:00.000000Z"


def test_a_value_that_json_does_not_have_is_named(now):
    assert explain("a == 1", {"a": {1, 2}}, now)["parts"][0]["value"] == "something that the language does not know"


def test_explaining_and_evaluating_give_the_same(scope, now):
    expression = compile_expression("[tag for tag in event.data.finding.tags if tag != 'web']")

    value, explanation = expression.explain(scope, now)

    assert value == expression.evaluate(scope, now) == ["prod"]
    assert explanation.to_json()["value"] == ["prod"]


def test_a_literal_explains_itself(now):
    assert explain("true", {}, now) == {"text": "true", "answer": "yes", "parts": []}


def test_an_evaluation_that_was_cut_short_says_so(now):
    condition = compile_condition("all(all(a == b for b in n) for a in n)")

    judgement = condition.ask({"n": [1] * 1_000}, now)

    assert judgement.answer == "unknown"
    assert "more than 10,000 steps" in judgement.explanation.to_json()["reason"]
