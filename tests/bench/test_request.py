"""The requests that are sent."""

import json
from itertools import islice

from standardwebhooks import Webhook

from tests.bench.request import ID_LENGTH, Requests, Target, identities, new_run

KEY = b"k" * 24


def headers_and_body(request):
    head, _, body = request.partition(b"\r\n\r\n")
    return dict(line.split(": ", 1) for line in head.decode().split("\r\n")[1:]), body


def test_every_id_is_another_and_all_are_of_one_length():
    ids = [*islice(identities(new_run()), 100), *islice(identities(new_run()), 100)]

    assert len(set(ids)) == 200
    assert set(map(len, ids)) == {ID_LENGTH}


def test_a_request_says_its_length_and_holds_its_id():
    headers, body = headers_and_body(Requests(Target(1, "/")).render("0" * ID_LENGTH))

    assert int(headers["Content-Length"]) == len(body)
    assert json.loads(body)["id"] == headers["webhook-id"] == "0" * ID_LENGTH


def test_the_body_is_about_2_kb():
    _, body = headers_and_body(Requests(Target(1, "/")).render("0" * ID_LENGTH))

    assert 1800 < len(body) < 2400


def test_a_signed_request_is_one_that_the_vendors_library_accepts():
    headers, body = headers_and_body(Requests(Target(1, "/", key=KEY)).render("0" * ID_LENGTH))

    Webhook(KEY).verify(body, headers)
