"""Personal data and credentials are replaced by made-up values, the same each time."""

from time import process_time

import pytest

from engine.testing.kept import kept_of, kept_texts
from engine.testing.pseudonyms import MOST_SIGNS, MOST_VALUES, Pseudonyms, TooMuch

#: Seconds that one event may take: the old way took minutes for a tenth of it.
SOON = 10


def replaced(value, *kept):
    names = Pseudonyms(kept_texts(frozenset(kept)))
    names.learn(value)
    return names.replace(value)


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ({"mail": "ada@corp.example.org"}, {"mail": "user-1@example.com"}),
        ({"text": "from ada@corp.org to bob@corp.org"}, {"text": "from user-1@example.com to user-2@example.com"}),
        ({"userName": "Ada Lovelace"}, {"userName": "Person 1"}),
        (
            {"sender": {"login": "ada", "id": 7, "name": "Ada L"}},
            {"sender": {"login": "user-1", "id": 2, "name": "Person 3"}},
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
        ({"user_id": 17, "pin": 17}, "17", {"user_id": 17, "pin": 17}),
        ({"user": "Admin", "text": "admin is ADMIN"}, "admin", {"user": "user-1", "text": "admin is user-1"}),
        ({"user": "Ann <admin>", "text": "admin"}, "admin", {"user": "Person 1", "text": "admin"}),
    ],
)
def test_what_a_workflow_compares_with_stays(value, kept, made):
    assert replaced(value, kept) == made


def test_what_a_workflow_compares_with_is_found_in_its_expressions():
    condition = "event.data.user == 'admin' and event.data.ip in ['x', 'y'] and event.data.n > 17"
    kept = kept_of(f'on: {{if: "{condition}"}}\nrows: {{right: z}}')

    assert {"admin", "x", "y", "z", "17"} <= kept.texts
    assert {"user", "ip", "rows"} <= kept.words


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ({"author": "Ann Smith <ann@corp.test>"}, {"author": "Person 1"}),
        ({"password": "p ann@corp.test q"}, {"password": "token-1"}),
        ({"user": "ann@corp.test"}, {"user": "user-1@example.com"}),
        ({"email": "ann at corp"}, {"email": "user-1@example.com"}),
        ({"actor": "8.8.8.8"}, {"actor": "192.0.2.1"}),
        ({"assignees": ["ann", "bob"]}, {"assignees": ["user-1", "user-2"]}),
        ({"people": [{"name": "Ann"}]}, {"people": [{"name": "user-1"}]}),
        ({"dob": "1980-01-02"}, {"dob": "1970-01-01"}),
    ],
)
def test_a_named_field_is_replaced_as_a_whole(value, made):
    assert replaced(value) == made


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("http://8.8.8.8:80/", "http://192.0.2.1:80/"),
        ("from 8.8.8.8.", "from 192.0.2.1."),
        ("host-10.1.2.3-x", "host-192.0.2.1-x"),
        ("::ffff:8.8.8.8", "2001:db8::1"),
        ("::ffff:8.8.8.8:80", "::ffff:192.0.2.1:80"),
        ("[2001:db9::5]:80", "[2001:db8::1]:80"),
        ("2001:db9:0:0:0:0:0:5", "2001:db8::1"),
        ("12:30:8.8.8.8", "12:30:192.0.2.1"),
        ("mail to ann.o'neill@corp.test", "mail to user-1@example.com"),
        ("<'ann@corp.test'>", "<'user-1@example.com'>"),
        ("https://a.test/?of=ann%40corp.test&x", "https://a.test/?of=user-1%40example.com&x"),
        ("of Ann@Corp.test and ann@corp.test", "of user-1@example.com and user-1@example.com"),
        ("key_ghp_0123456789abcdefghij", "key_token-1"),
    ],
)
def test_what_is_known_by_its_form_is_found_within_text(text, made):
    assert replaced({"text": text}) == {"text": made}


@pytest.mark.parametrize(
    "text", ["1.2.3", "at 09:30:00", "127.0.0.1", "2026-11-20T09:30:00Z", "999.1.1.1", "std::cafe", "no@where"]
)
def test_what_has_no_such_form_stays(text):
    assert replaced({"text": text}) == {"text": text}


@pytest.mark.parametrize(
    ("value", "made"),
    [
        ({"phone": 15551234567}, {"phone": 12025550100}),
        ({"dob": 19800101, "n": 19800101}, {"dob": 19700101, "n": 19700101}),
        ({"password": 123456, "is_password": True}, {"password": 1, "is_password": True}),
        ({"user_id": 4711, "size": 4711}, {"user_id": 1, "size": 4711}),
        ({"user_id": 1234567, "text": "of 1234567"}, {"user_id": 1, "text": "of user-1"}),
        ({"pin": 12.5}, {"pin": 1.0}),
    ],
)
def test_a_number_in_a_named_field_becomes_another_number(value, made):
    found = replaced(value)

    assert found == made
    assert [type(each) for each in found.values()] == [type(each) for each in made.values()]


@pytest.mark.parametrize(
    ("name", "text", "made"),
    [
        ("Bob", "Bob logged in from Bob-pc", "user-1 logged in from user-1-pc"),
        ("Ann Smith", "ANN SMITH", "Person 1"),
        ("asmith", "/home/asmith_1/x", "/home/user-1_1/x"),
        ("Ann Smith <ann@corp.test>", "by Ann Smith", "by Person 2"),
        ("Groß", "mit groß", "mit user-1"),
        ("ann", "Annual ann.", "Annual user-1."),
        ("Ann S", "Ann Smith", "Ann Smith"),
        ("Al", "Al is here", "Al is here"),
    ],
)
def test_a_value_of_a_named_field_is_found_in_other_texts(name, text, made):
    assert replaced({"user": name, "text": text})["text"] == made


def test_a_value_that_is_named_later_is_found_in_what_came_before_and_in_keys():
    names = Pseudonyms(kept_texts(frozenset()))
    event, answer = {"text": "Ann Smith logged in", "Ann Smith": 1}, {"fullName": "Ann Smith"}

    for value in (event, answer):
        names.learn(value)

    assert names.replace(event) == {"text": "Person 1 logged in", "Person 1": 1}
    assert names.replace(answer) == {"fullName": "Person 1"}


@pytest.mark.parametrize(
    "name",
    [
        *("x-api-key", "set-cookie", "private_key", "passwd", "access_key_id", "ssn", "address", "contactName"),
        *("customer_name", "user_id", "first", "middle_name", "userFullName", "assigned_to", "accountName", "phone2"),
        *("homeAddress", "APIKey", "email", "dateOfBirth", "zip", "customerid"),
    ],
)
def test_a_field_is_known_by_how_its_name_ends(name):
    assert "Something" not in str(replaced({name: "Something"}))


@pytest.mark.parametrize("name", ["hotel", "gzip", "superuser", "key", "title", "username_length", "sha256"])
def test_a_name_that_only_looks_alike_is_none(name):
    assert replaced({name: "Something"}) == {name: "Something"}


def test_fields_that_the_workflow_names_keep_their_names():
    names = Pseudonyms(kept_of("if: event.data.login == 'x'"))
    names.learn({"login": "login"})

    assert names.replace({"login": "login"}) == {"login": "user-1"}


@pytest.mark.parametrize(
    "value",
    [
        {"x": "x" * MOST_SIGNS},
        {"x": [1] * MOST_SIGNS},
        {"x": [f"u{number}@corp.test" for number in range(MOST_VALUES + 1)]},
        {"x": [{"user": f"user{number:05}x"} for number in range(MOST_VALUES + 1)]},
        {"Bob": 1, "BOB": 2, "user": "Bob"},
    ],
    ids=["text", "numbers", "mails", "names", "keys"],
)
def test_what_is_too_much_is_refused(value):
    with pytest.raises(TooMuch):
        replaced(value)


@pytest.mark.parametrize(
    "value",
    [
        {"x": [{"user": f"user{number:05}x"} for number in range(900)], "text": "user00001x and " * 10_000},
        {"x": [{"user": "Ann" + " a" * number} for number in range(30)], "text": "Ann a a " * 25_000},
        {"text": "a" * 200_000},
        {"text": "a@" * 100_000},
        {"text": "eyJ-" * 50_000},
        {"text": "1:" * 100_000},
        {"text": "ab-" * 60_000, "user": "ab-ab"},
        {"aB" * 100_000: ["x"] * 20_000},
        {"x": {"user": [f"{number}" * 3 for number in range(900)]}, "numbers": [900_000] * 20_000},
    ],
)
def test_no_text_of_a_sender_takes_long(value):
    begun = process_time()

    replaced(value)

    assert process_time() - begun < SOON
