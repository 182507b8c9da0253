"""Any JSON value that a sender can write goes through every part of a workflow as it was, into the journal and out."""

import json

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine import json_bytes
from engine.actions.action import Call
from engine.definitions.bodies import read_json
from engine.store.columns import Json
from engine.words import Outcome
from tests.corpus import NAMES, TEXTS

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=30) | st.sampled_from(TEXTS)
names = st.text(st.characters(exclude_categories=("Cs",)), max_size=10) | st.sampled_from(NAMES)
numbers = st.integers() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)

#: Sends the value by each way that there is: as it is, through other steps, a choice, turns, and a failure.
WAYS = """
  - {id: whole, uses: test.act, with: {n: '${{ event.data }}'}}
  - {id: kept, uses: core.set, with: {values: {one: '${{ event.data }}', many: ['${{ event.data }}']}}}
  - {id: again, uses: test.act, with: {n: '${{ steps.kept.output.many[0] }}'}}
  - {id: echoed, uses: test.act, with: {n: '${{ steps.again.output.echo.n }}'}}
  - {id: wait, uses: core.wait, with: {for: 1h}}
  - {id: later, uses: test.act, with: {n: '${{ steps.echoed.output.echo.n }}'}}
  - {id: turns, for_each: '${{ [event.data] }}', steps: [{id: act, uses: test.act, with: {n: '${{ item }}'}}]}
  - id: choice
    switch: event.data
    cases: {'${{ 7*7 }}': [{uses: test.act, with: {n: '${{ event.data }}'}}]}
    else: [{uses: test.act, with: {n: '${{ event.data }}'}}]
  - {id: parsed, uses: test.act, with: {n: '${{ parse_json(json(event.data)) }}'}}
  - {id: said, uses: core.log, with: {message: '<${{ event.data }}>'}}
  - {id: fails, uses: core.fail, with: {message: '${{ json(event.data) }}'}, on_error: continue}
  - {id: failed, uses: test.act, with: {n: '${{ parse_json(steps.fails.error.message) }}'}}
"""


def exact(value: object) -> str:
    """Return a value so that 1 and 1.0, 0.0 and -0.0, and another order of names are not the same."""
    return json.dumps(value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(values)
@example({"texts": TEXTS, "names": dict.fromkeys(NAMES, "${{ 7*7 }}")})
@example("${{ 7*7 }}")
@example([-0.0, 1.0, 10**400, 1e-323, [[[]]], {"": {"": {}}}])
def test_any_json_arrives_as_it_was_by_every_way(theatre, value):
    column, data = Json(), read_json(json.dumps(value).encode())
    play = theatre(WAYS)
    play.scope["event"]["data"] = data
    commit = play.commit

    def stored(progress):
        """Keep the journal as a database does."""
        commit(progress)
        kept = column.process_result_value
        for path, entry in play.journal.items():
            given, gave = (json_bytes.dump(part) for part in (entry.input, entry.output))
            play.journal[path] = entry._replace(input=kept(given, None), output=kept(gave, None))

    play.commit = stored

    assert play.play().outcome is Outcome.SUCCEEDED, play.journal
    assert [exact(sent(call)) for call in play.calls] == [exact(value)] * 8


def sent(call: Call) -> object:
    """Return what arrives: the value as the action writes it."""
    return json.loads(json_bytes.dump(call.inputs["n"]))
