"""Data never becomes code: what a sender writes reaches the other end as it was, byte for byte."""

import json

from tests.serving import Wink
from tests.sink import Sink
from tests.wire import TEXT, send

#: Texts that mean something somewhere: in templates, shells, queries, loggers, YAML, HTML, terminals, file systems.
HOSTILE = [
    "{{7*7}}", "${{ 7*7 }}", "$${{ 7*7 }}", "${{ event.data }}", "}}", "${{", "<% 7*7 %>", "#{7*7}", "${jndi:ldap://x/a}",
    "!!python/object/apply:os.system ['id']", "!ruby/object", "&a [*a]", "- {a: b}", "---\n...", "=cmd|' /C calc'!A0",
    "'; DROP TABLE runs; --", '" OR ""="', "<script>alert(1)</script>", '<!ENTITY x SYSTEM "file:///etc/passwd">',
    "$(id)", "`id`", "| id", "; id", "../../etc/passwd", "%2e%2e%2f", "%s%n", "\\u0000", "\0", "\0\0x", "\x1b[31m",
    "\r\nX: y", "\u202eright to left", "\u2066\u2069", "mark\ufeff", "\u200b", "e\u0301 \u00e9", "\U0001f600",
    "\U0010ffff", "\ufffe", "true", "null", "1e999", "0x10", "  leading and trailing  ", "\t", "\u2028\u2029",
    "a" * 70_000, "__proto__", "None",
]  # fmt: skip


def test_a_text_arrives_at_the_other_end_byte_for_byte(wink: Wink, sink: Sink) -> None:
    trigger = wink.trigger()
    wink.workflow(trigger, sink.step("/text", "event.data"))
    bodies = [text.encode() for text in HOSTILE]

    answers = [send(trigger.full_url or "", body, [TEXT]) for body in bodies]
    outcomes = {run["outcome"] for answer in answers for run in wink.runs(answer)}

    assert outcomes == {"succeeded"}
    assert sorted(call.body for call in sink.at("/text")) == sorted(bodies)


def test_values_and_names_in_json_arrive_as_they_were(wink: Wink, sink: Sink) -> None:
    trigger = wink.trigger()
    wink.workflow(trigger, sink.step("/json", "event.data", sends="json"))
    data = {"values": HOSTILE, "names": {text: number for number, text in enumerate(HOSTILE)}}

    (run,) = wink.runs(send(trigger.full_url or "", json.dumps(data).encode()))
    (call,) = sink.at("/json")

    assert run["outcome"] == "succeeded", run
    assert json.loads(call.body) == data


def test_what_an_expression_yields_is_not_read_as_a_template_again(wink: Wink) -> None:
    trigger = wink.trigger()
    wink.workflow(trigger, "  - {id: set, uses: core.set, with: {values: {once: '<${{ event.data }}>'}}}\n")

    (run,) = wink.runs(send(trigger.full_url or "", b"${{ run.id }} {{ run.id }}", [TEXT]))

    assert [step["output"] for step in run["steps"]] == [{"once": "<${{ run.id }} {{ run.id }}>"}]
