"""Data never becomes code: what a sender writes reaches the other end as it was, byte for byte."""

import json
import re
from collections import Counter

import pytest

from tests.corpus import NAMES, NUMBERS, REFUSED, TEXTS
from tests.serving import Wink, serving
from tests.sink import Sink
from tests.wire import TEXT, send

#: A body that holds all of it; numbers stand in it as their senders wrote them.
BODY = (
    json.dumps({"texts": TEXTS, "names": {name: place for place, name in enumerate(dict.fromkeys(NAMES))}})[:-1]
    + f', "numbers": [{", ".join(NUMBERS)}], "nothing": [null, true, false, [], {{}}, [[]], {{"": {{}}}}]}}'
).encode()

#: What no header takes.
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")

#: A body that begins with it is refused, so that two readers do not see two texts.
MARK = "\ufeff"

CHILD = """
name: Child
on: {manual: true}
inputs: {given: {required: true}}
steps:
  - {id: kept, uses: core.set, with: {values: "${{ inputs.given }}"}}
outputs: {back: "${{ steps.kept.output }}"}
"""


def exact(value: object) -> str:
    """Return a value so that 1 and 1.0, 0.0 and -0.0, and another order of names are not the same."""
    return json.dumps(value)


def test_a_text_arrives_at_the_other_end_byte_for_byte(wink: Wink, sink: Sink) -> None:
    trigger = wink.trigger()
    wink.workflow(trigger, sink.step("/text", "event.data"))
    bodies = [text.encode() for text in TEXTS if text and not text.startswith(MARK)]

    answers = [send(trigger.full_url or "", body, [TEXT]) for body in bodies]
    outcomes = {run["outcome"] for answer in answers for run in wink.runs(answer)}

    assert outcomes == {"succeeded"}
    assert sorted(call.body for call in sink.at("/text")) == sorted(bodies)


def test_json_arrives_as_it_was_by_every_way_through_a_workflow(wink: Wink, sink: Sink) -> None:
    trigger = wink.trigger()
    wink.api("PUT", "/workflows/hostile-child", text=CHILD)
    ways = {
        "/whole": "event.data",
        "/set": "steps.kept.output.one",
        "/child": "steps.child.output.back",
        "/looped": "steps.looped.output",
        "/parsed": "parse_json(json(event.data))",
    }
    steps = (
        '  - {id: kept, uses: core.set, with: {values: {one: "${{ event.data }}"}}}\n'
        "  - id: child\n    uses: core.run_workflow\n"
        '    with: {workflow: hostile-child, inputs: {given: "${{ event.data }}"}}\n'
        '  - {id: looped, for_each: "${{ values(event.data) }}", at_once: 2, uses: core.set,\n'
        '     with: {values: {it: "${{ item }}"}}}\n'
    )
    wink.workflow(trigger, steps + "".join(sink.step(path, way, sends="json") for path, way in ways.items()))

    (run,) = wink.runs(send(trigger.full_url or "", BODY))

    assert run["outcome"] == "succeeded", run["error"]
    sent = {path: exact(json.loads(sink.at(path)[0].body)) for path in ways}
    whole = json.loads(BODY)
    assert sent == dict.fromkeys(ways, exact(whole)) | {"/looped": exact([{"it": part} for part in whole.values()])}


def test_each_text_arrives_from_loops_choices_and_holes_in_other_text(wink: Wink, sink: Sink) -> None:
    trigger = wink.trigger()
    steps = f"""
  - id: each
    for_each: ${{{{ event.data }}}}
    as: text
    at_once: 8
    steps:
      - id: choose
        switch: text
        cases:
          "${{{{ 7*7 }}}}": [{{uses: http.post, with: {{url: "{sink.url}/chosen", json: "${{{{ text }}}}"}}}}]
          "{{{{7*7}}}}": [{{uses: http.post, with: {{url: "{sink.url}/chosen", json: "${{{{ text }}}}"}}}}]
        else: [{{uses: http.post, with: {{url: "{sink.url}/else", json: "${{{{ text }}}}"}}}}]
      - {{uses: http.post, with: {{url: "{sink.url}/hole", body: "<${{{{ text }}}}>${{{{ text }}}}</>"}}}}
      - uses: http.post
        with: {{url: "{sink.url}/keyed", json: {{"<b>": ["${{{{ text }}}}"], more: "a ${{{{ text }}}}"}}}}
"""
    wink.workflow(trigger, steps)

    (run,) = wink.runs(send(trigger.full_url or "", json.dumps(TEXTS).encode()))

    assert run["outcome"] == "succeeded", run["error"]
    chosen = Counter(json.loads(call.body) for call in sink.at("/chosen"))
    assert chosen == Counter(text for text in TEXTS if text in {"${{ 7*7 }}", "{{7*7}}"})
    assert Counter(json.loads(call.body) for call in sink.at("/else")) == Counter(TEXTS) - chosen
    assert Counter(call.body.decode() for call in sink.at("/hole")) == Counter(f"<{text}>{text}</>" for text in TEXTS)
    keyed = Counter(exact(json.loads(call.body)) for call in sink.at("/keyed"))
    assert keyed == Counter(exact({"<b>": [text], "more": f"a {text}"}) for text in TEXTS)


def test_a_header_takes_a_text_as_it_is_or_the_step_fails_in_words(wink: Wink, sink: Sink) -> None:
    trigger = wink.trigger()
    header = '{idempotency-key: "a${{ event.data }}z"}'
    wink.workflow(
        trigger, f'  - {{id: post, uses: http.post, with: {{url: "{sink.url}/header", body: x, headers: {header}}}}}\n'
    )
    texts = [text for text in TEXTS if len(text) < 5_000 and text and not text.startswith(MARK)]

    for text in texts:
        before = len(sink.at("/header"))
        (run,) = wink.runs(send(trigger.full_url or "", text.encode(), [TEXT]))
        if run["outcome"] == "failed":
            assert run["error"]["kind"] == "invalid", text
            assert "header idempotency-key holds a line break or another control character" in run["error"]["message"]
            assert len(sink.at("/header")) == before
        else:
            assert sink.at("/header")[-1].key.encode("latin-1").decode() == f"a{text}z"
        assert (run["outcome"] == "failed") is any(
            (letter < " " and letter != "\t") or letter == "\x7f" for letter in text
        )


@pytest.mark.parametrize("body", REFUSED)
def test_json_that_can_be_read_in_two_ways_is_refused_in_words(wink: Wink, body: str) -> None:
    trigger = wink.trigger()

    answer = send(trigger.full_url or "", body.encode())

    assert (answer.status, answer.json()["error"]) == (400, "malformed_body")
    assert wink.delivery(answer)["verdict"] == "rejected"


@pytest.mark.parametrize("form", ["console", "json"])
def test_a_text_in_the_log_makes_no_line_of_its_own_and_steers_no_terminal(tmp_path, form: str) -> None:
    with serving(tmp_path, log_format=form) as wink:
        trigger = wink.trigger()
        wink.workflow(trigger, '  - {for_each: "${{ event.data }}", uses: core.log, with: {message: "${{ item }}"}}\n')
        (run,) = wink.runs(send(trigger.full_url or "", json.dumps(TEXTS).encode()))
        log = (tmp_path / "log").read_bytes().decode()

    assert run["outcome"] == "succeeded"
    lines = log.split("\n")
    assert sum("workflow.log" in line for line in lines) == len(TEXTS)
    assert [line for line in lines if line.startswith("X: y")] == []
    assert {letter for letter in log if not letter.isprintable()} == {"\n"}


def test_what_an_expression_yields_is_not_read_as_a_template_again(wink: Wink) -> None:
    trigger = wink.trigger()
    wink.workflow(trigger, "  - {id: set, uses: core.set, with: {values: {once: '<${{ event.data }}>'}}}\n")

    (run,) = wink.runs(send(trigger.full_url or "", b"${{ run.id }} {{ run.id }}", [TEXT]))

    assert [step["output"] for step in run["steps"]] == [{"once": "<${{ run.id }} {{ run.id }}>"}]
