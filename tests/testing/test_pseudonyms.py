"""Personal data and credentials are replaced by made-up values, the same each time."""

import pytest

from engine.testing.pseudonyms import Pseudonyms, compared_with


def replaced(value, *kept):
    return Pseudonyms(frozenset(kept)).replace(value)


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ({"mail": "ada@corp.example.org"}, {"mail": "user-1@example.com"}),
        ({"text": "from ada@corp.org to bob@corp.org"}, {"text": "from user-1@example.com to user-2@example.com"}),
        ({"userName": "Ada Lovelace"}, {"userName": "Person 1"}),
        (
            {"sender": {"login": "ada", "id": 7, "name": "Ada L"}},
            {"sender": {"login": "user-1", "id": 7, "name": "Person 2"}},
        ),
        ({"file": {"name": "invoice.pdf"}}, {"file": {"name": "invoice.pdf"}}),
        ({"ip": "10.20.30.40"}, {"ip": "192.0.2.1"}),
        ({"ip": "2a00:1450::8a"}, {"ip": "2001:db8::1"}),
        ({"at": "2026-11-20T09:30:00Z", "version": "1.2.3"}, {"at": "2026-11-20T09:30:00Z", "version": "1.2.3"}),
        ({"phone": "079 123 45 67"}, {"phone": "+12025550100"}),
        ({"text": "Call +41 79 123 45 67 now"}, {"text": "Call +12025550100 now"}),
        ({"api_key": "s3cr3t"}, {"api_key": "token-1"}),
        ({"text": "ghp_0123456789abcdefghij"}, {"text": "token-1"}),
        (
            {"id": "5b1f3d3e-8f0a-4c1d-9a39-1f3c2b4a5d6e"},
            {"id": "00000000-0000-4000-8000-000000000001"},
        ),
        ({"hash": "ab" * 16}, {"hash": "0" * 31 + "1"}),
        ({"ada@corp.org": 1}, {"user-1@example.com": 1}),
        (
            {"n": 1, "ok": True, "none": None, "list": [1.5, "plain"]},
            {"n": 1, "ok": True, "none": None, "list": [1.5, "plain"]},
        ),
    ],
)
def test_a_value_is_replaced_by_its_kind_and_the_rest_stays(value, made):
    assert replaced(value) == made


def test_one_value_has_one_pseudonym_also_in_other_texts():
    value = {"userName": "Ada Lovelace", "text": "Ada Lovelace passed", "mails": ["a@b.example", "a@b.example"]}

    assert replaced(value) == {
        "userName": "Person 1",
        "text": "Person 1 passed",
        "mails": ["user-1@example.com", "user-1@example.com"],
    }


def test_the_same_data_is_replaced_alike_each_time_and_only_once():
    value = {"mail": "a@b.example", "to": "c@d.example", "login": "ada", "ip": "10.0.0.1"}

    assert replaced(value) == replaced(value)
    assert replaced(replaced(value)) == replaced(value)


@pytest.mark.parametrize(
    ("value", "kept", "made"),
    [
        ({"user": "admin"}, "admin", {"user": "admin"}),
        ({"mail": "ada@corp.example"}, "@corp.example", {"mail": "user-1@corp.example"}),
        ({"ip": "10.20.30.40"}, "10.0.0.0/8", {"ip": "10.0.0.1"}),
    ],
)
def test_what_a_workflow_compares_with_stays(value, kept, made):
    assert replaced(value, kept) == made


def test_what_a_workflow_compares_with_is_found_in_its_expressions():
    found = compared_with("on: {if: \"event.data.user == 'admin' and event.data.ip in ['x', 'y']\"}\nrows: {right: z}")

    assert {"admin", "x", "y", "z"} <= found
