"""From a test file to tests: every mistake is a remark with its place, and all are told at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from engine.definitions.bodies import read_json
from engine.definitions.dialect import Table
from engine.definitions.fields import Fields, open_fields
from engine.definitions.remarks import Place, Remarks, TooMany, did_you_mean
from engine.definitions.workflow import Workflow
from engine.errors import ActionFailed, Invalid, Mistake, Mistakes, NotFound, Rejected
from engine.language.yaml12 import load
from engine.path.inputs import checked_inputs
from engine.testing import dialect
from engine.testing.home import homes, without_turns
from engine.testing.model import DEFAULT_NOW, Answer, Given, Happening, Mock, WorkflowTest

#: Returns the event that the connector's sample of a type becomes. Raises ``NotFound``.
Samples = Callable[[str], Happening]

#: Bytes of an event in a file: what ``WINK_MAX_BODY`` is where nobody says otherwise.
MOST_BYTES = 5 * 1024 * 1024

#: What a kind of failure says where the test does not.
_SAID = "the test lets it fail"


def read_tests(text: bytes, workflow: Workflow, folder: Path, samples: Samples) -> list[WorkflowTest]:
    """Return the tests of a file.

    folder: where the files lie that it names.

    Raises:
        Mistakes: all of them, each with its line and column.
    """
    document = load(text)
    remarks = Remarks(text.decode(), document)
    reader = _Reader(workflow, folder, samples)
    try:
        tests = list(reader.tests(open_fields(dialect.FILE, document.value, Place(remarks))))
    except TooMany as error:
        raise Mistakes([*remarks.mistakes, Mistake(1, 1, str(error))]) from error
    if remarks.mistakes:
        raise Mistakes(remarks.mistakes)
    return tests


class _Reader:
    """Reads the tests of one workflow."""

    def __init__(self, workflow: Workflow, folder: Path, samples: Samples) -> None:
        self.workflow = workflow
        self.folder = folder
        self.samples = samples
        steps = list(homes(workflow))
        self.known = {home.path for home in steps} | {home.step.uses for home in steps if home.step.uses}

    def tests(self, file: Fields) -> Iterator[WorkflowTest]:
        names: set[str] = set()
        tests = file.get(dialect.TESTS) or []
        if dialect.TESTS.name in file.values and not tests:
            file.at(dialect.TESTS).wrong("there is no test in it: write at least one")
        for index, value in enumerate(tests):
            fields = open_fields(dialect.TEST, value, file.at(dialect.TESTS).at(index))
            test = self._test(fields)
            if test.name in names:
                fields.at(dialect.NAME).wrong("another test before it has this name")
            names.add(test.name)
            yield test

    def _test(self, fields: Fields) -> WorkflowTest:
        given = open_fields(dialect.GIVEN_TABLE, fields.get(dialect.GIVEN) or {}, fields.at(dialect.GIVEN))
        expect = open_fields(dialect.EXPECT_TABLE, fields.get(dialect.EXPECT) or {}, fields.at(dialect.EXPECT))
        return WorkflowTest(
            name=fields.get(dialect.NAME) or "",
            place=fields.place,
            given=self._given(given),
            mocks=self._mocks(fields),
            expected=_expected(expect),
        )

    def _given(self, given: Fields) -> Given:
        event = self._event(given)
        if event is not None and dialect.CHANGE.name in given.values:
            event = replace(event, data=merged(event.data, given.get(dialect.CHANGE)))
        came = None if event is None else event.received_at or event.time
        now = given.get(dialect.NOW) or came or DEFAULT_NOW
        silent, inputs = self._silent(given), self._inputs(given, now)
        trigger = silent or self._trigger(given)
        return Given(event, trigger, inputs, given.get(dialect.SCHEDULED), now, silent=silent is not None)

    def _trigger(self, given: Fields) -> str | None:
        named, known = given.get(dialect.TRIGGER), self.workflow.triggers
        if named and named not in known:
            given.at(dialect.TRIGGER).wrong(f"the workflow has no trigger `{named}`{did_you_mean(named, known)}")
        return named or next(iter(known), None)

    def _inputs(self, given: Fields, now: datetime) -> Mapping[str, object] | None:
        inputs = given.get(dialect.INPUTS)
        if inputs is not None and not self.workflow.manual:
            given.at(dialect.INPUTS).wrong("the workflow is not started by hand: write `manual: true` under its `on:`")
        if dialect.SCHEDULED.name in given.values and self.workflow.schedule is None:
            place = given.at(dialect.SCHEDULED)
            place.wrong("the workflow is not started by the clock: write `schedule` under its `on:`")
        if inputs is None and given.values.keys().isdisjoint({dialect.SCHEDULED.name, dialect.SILENCE.name}):
            return None
        try:
            return checked_inputs(self.workflow, inputs or {})
        except Invalid as error:
            given.place.wrong(str(error))
            return {}

    def _silent(self, given: Fields) -> str | None:
        named, known = given.get(dialect.SILENCE), self.workflow.silences
        if named and named not in known:
            words = f"the workflow is not started by the silence of `{named}`{did_you_mean(named, known)}"
            given.at(dialect.SILENCE).wrong(words)
        return named

    def _event(self, given: Fields) -> Happening | None:
        if not self.workflow.triggers and given.values.keys() & {"event", "sample", "file"}:
            given.place.wrong(
                "the workflow has no trigger, so no event starts it: write `inputs`, `scheduled_for` or `silence`"
            )
        if dialect.EVENT.name in given.values:
            place = given.at(dialect.EVENT)
            return _happening(open_fields(dialect.EVENT_TABLE, given.get(dialect.EVENT) or {}, place))
        if name := given.get(dialect.SAMPLE):
            try:
                return self.samples(name)
            except NotFound as error:
                given.at(dialect.SAMPLE).wrong(str(error))
        if name := given.get(dialect.FROM_FILE):
            return self._stored(name, given.at(dialect.FROM_FILE))
        return None

    def _stored(self, name: str, place: Place) -> Happening | None:
        try:
            value = _json_in(self.folder, name)
        except (OSError, ValueError, Rejected) as error:
            place.wrong(f"`{name}` cannot be read as JSON: {error}")
            return None
        if not isinstance(value, dict) or not isinstance(value.get("type"), str):
            place.wrong(f"`{name}` holds no event: write an object with `type` and `data`")
            return None
        known = {key: each for key, each in value.items() if key in dialect.EVENT_TABLE.keys and each is not None}
        return _happening(Fields(place, known))

    def _mocks(self, test: Fields) -> dict[str, Mock]:
        made: dict[str, Mock] = {}
        for name, value in (test.get(dialect.MOCK) or {}).items():
            place = test.at(dialect.MOCK).at(name)
            if without_turns(name) not in self.known:
                kind = "uses no action" if "." in name else "has no step"
                place.wrong_key(f"the workflow {kind} `{name}`{did_you_mean(name, self.known)}")
            made[name] = _mock(value, place)
        return made


def merged(value: object, change: object) -> object:
    """Return a value with a change made to it.

    Source: https://www.rfc-editor.org/rfc/rfc7396 (JSON Merge Patch)
    """
    if not isinstance(change, Mapping):
        return change
    made = dict(value) if isinstance(value, Mapping) else {}
    for name, each in change.items():
        if each is None:
            made.pop(name, None)
        else:
            made[name] = merged(made.get(name), each)
    return made


def _json_in(folder: Path, name: str) -> object:
    """Return the JSON of a file in a folder: what a test names can come from somebody else's pull request."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder.resolve()):
        raise ValueError("it is not in the folder of the tests")
    if not file.is_file():
        raise ValueError("there is no such file")
    with file.open("rb") as opened:
        text = opened.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
    return read_json(text)


def _happening(event: Fields) -> Happening:
    return Happening(
        type=event.get(dialect.TYPE) or "",
        data=event.get(dialect.DATA),
        id=event.get(dialect.EVENT_ID),
        key=event.get(dialect.KEY),
        source=event.get(dialect.SOURCE),
        time=event.get(dialect.TIME),
        received_at=event.get(dialect.RECEIVED),
    )


def _mock(value: object, place: Place) -> Mock:
    if not isinstance(value, list):
        return Mock((_answer(value, place),), in_turn=False)
    if not value:
        place.wrong("the list of mocks is empty: write an answer for each attempt")
    return Mock(tuple(_answer(each, place.at(index)) for index, each in enumerate(value)), in_turn=True)


def _answer(value: object, place: Place) -> Answer:
    fields = open_fields(dialect.MOCK_TABLE, value, place)
    if not fields.values:
        place.wrong("a mock needs `output` or `fail`")
    kind, output = fields.get(dialect.FAIL), fields.get(dialect.OUTPUT)
    if kind is None:
        return Answer(output)
    said, after = fields.get(dialect.MESSAGE) or _SAID, fields.get(dialect.RETRY_AFTER)
    return Answer(None, ActionFailed(kind.value, said, output=output, retry_after=after))


def _expected(expect: Fields) -> Mapping[str, object]:
    if not expect.values:
        expect.place.wrong("it expects nothing: write at least one of " + ", ".join(dialect.EXPECT_TABLE.keys))
    for key in dialect.EXPECT_TABLE.keys.values():
        expect.get(key)
    for index, call in enumerate(expect.get(dialect.CALLS) or []):
        _check(dialect.CALL_TABLE, call, expect.at(dialect.CALLS).at(index))
    for index, line in enumerate(expect.get(dialect.LOGS) or []):
        _check(dialect.LOG_TABLE, line, expect.at(dialect.LOGS).at(index))
    if dialect.ERROR.name in expect.values:
        _check(dialect.ERROR_TABLE, expect.get(dialect.ERROR) or {}, expect.at(dialect.ERROR))
    return expect.values


def _check(table: Table, value: object, place: Place) -> None:
    fields = open_fields(table, value, place)
    for key in table.keys.values():
        fields.get(key)
