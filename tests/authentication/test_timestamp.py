from datetime import datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.authentication.request import Inbound
from engine.authentication.timestamp import SignedTime, TimestampSpec, Unit
from engine.clock import parse_time
from engine.errors import Rejected
from engine.words import Reason

UNITS = get_args(Unit)


def compiled(unit: str = "s", **more: object) -> SignedTime:
    return TimestampSpec.model_validate({"element": "t=", "unit": unit, **more}).compile()


def refusal(time: SignedTime, request: Inbound, *elements: bytes) -> Reason | None:
    try:
        time.read(request, elements)
    except Rejected as rejected:
        return rejected.reason
    return None


@pytest.mark.parametrize("unit", UNITS)
def test_what_is_written_is_read_as_the_same_moment(bare: Inbound, unit: str) -> None:
    time = compiled(unit)

    text, expires_at = time.read(bare, [b"t=" + time.write(bare.received_at).encode()])

    assert text.decode() == time.write(bare.received_at)
    assert expires_at == bare.received_at + timedelta(minutes=5)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(seconds=299), None),
        (timedelta(seconds=300), None),
        (timedelta(seconds=301), Reason.TIMESTAMP_TOO_OLD),
        (timedelta(seconds=-300), None),
        (timedelta(seconds=-301), Reason.TIMESTAMP_IN_FUTURE),
    ],
)
def test_the_window_has_two_ends(bare: Inbound, unit: str, age: timedelta, expected: Reason | None) -> None:
    time = compiled(unit)

    assert refusal(time, bare, b"t=" + time.write(bare.received_at - age).encode()) is expected


def test_the_manifest_says_how_wide_the_window_is(bare: Inbound) -> None:
    time = compiled(within="30s")

    assert refusal(time, bare, b"t=" + time.write(bare.received_at - timedelta(seconds=31)).encode())


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("text", ["", "abc", "-1", "+1", "1e3", "0x10", " 1", "1_0", "٣", "1" * 400, "NaN", "\0"])
def test_what_is_no_time_is_malformed(bare: Inbound, unit: str, text: str) -> None:
    assert refusal(compiled(unit), bare, b"t=" + text.encode()) is Reason.MALFORMED_TIMESTAMP


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_moment_at_the_edge_of_the_calendar_is_refused(bare: Inbound, text: str) -> None:
    assert refusal(compiled("iso"), bare, b"t=" + text.encode()) is not None


@pytest.mark.parametrize("digits", ["9" * 16, "0"])
def test_a_time_far_from_now_is_out_of_the_window(bare: Inbound, digits: str) -> None:
    expected = {Reason.TIMESTAMP_IN_FUTURE, Reason.TIMESTAMP_TOO_OLD}

    assert refusal(compiled(), bare, b"t=" + digits.encode()) in expected


def test_a_time_that_is_missing_or_there_twice_is_refused(bare: Inbound) -> None:
    assert refusal(compiled(), bare, b"v1=00") is Reason.MISSING_TIMESTAMP
    assert refusal(compiled(), bare, b"t=1", b"t=1") is Reason.REPEATED_PROOF


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("s", "1767323045"),
        ("ms", "1767323045000"),
        ("s_or_ms", "1767323045"),
        ("s_or_ms", "1767323045000"),
        ("iso", "2026-01-02T03:04:05Z"),
        ("http", "Fri, 02 Jan 2026 03:04:05 GMT"),
    ],
)
def test_one_moment_is_written_in_many_ways(bare: Inbound, unit: str, text: str) -> None:
    _, expires_at = compiled(unit).read(bare, [b"t=" + text.encode()])

    assert expires_at == bare.received_at + timedelta(minutes=5)


def test_a_time_without_a_name_is_the_first_element(bare: Inbound) -> None:
    time = TimestampSpec.model_validate({"element": ""}).compile()

    text, _ = time.read(bare, [b"1767323045", b"ab", b"cd"])

    assert text == b"1767323045"


@pytest.mark.parametrize("place", [{"header": "X-Time"}, {"query": "time"}, {"body": "sent.at"}, {"form": "time"}])
def test_a_time_can_stand_wherever_a_value_can(bare: Inbound, place: dict[str, str]) -> None:
    time = TimestampSpec.model_validate(place).compile()
    assert time.place
    sent = time.place.write(bare._replace(body=b"" if "form" in place else bare.body), "1767323045")

    text, _ = time.read(sent, [])

    assert text == b"1767323045"


@given(st.binary(max_size=40), st.sampled_from(UNITS))
def test_any_bytes_are_a_time_or_a_refusal(text: bytes, unit: str) -> None:
    now = parse_time("2026-01-02T03:04:05Z")
    request = Inbound("POST", "https://hooks.example.com/", "/", "", {}, b"", "192.0.2.7", now)

    try:
        _, expires_at = compiled(unit).read(request, [b"t=" + text])
    except Rejected:
        return
    assert isinstance(expires_at, datetime)
