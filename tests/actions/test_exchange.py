import pytest

from engine.actions.exchange import Request, is_below, redirected
from engine.actions.response import Response
from engine.actions.url import read_url
from engine.errors import ActionFailed

HEADERS = {
    "authorization": "Bearer secret",
    "cookie": "a=b",
    "x-api-key": "secret",
    "accept": "application/json",
    "content-type": "application/json",
    "idempotency-key": "run/step/0",
}


def onward(status: int, location: str, *, method: str = "POST", url: str = "https://vendor.example/a/b") -> Request:
    request = Request(method, read_url(url), HEADERS, b"{}")
    following = redirected(request, Response(status, {"location": location}, b""))
    assert following is not None
    return following


@pytest.mark.parametrize("status", [200, 201, 300, 304, 305, 400])
def test_other_statuses_redirect_nowhere(status: int):
    request = Request("GET", read_url("https://vendor.example/"), {})

    assert redirected(request, Response(status, {"location": "/b"}, b"")) is None


def test_a_redirect_without_an_address_redirects_nowhere():
    request = Request("GET", read_url("https://vendor.example/"), {})

    assert redirected(request, Response(302, {}, b"")) is None


@pytest.mark.parametrize(
    ("status", "method", "becomes"),
    [
        (301, "POST", "GET"),
        (302, "POST", "GET"),
        (303, "POST", "GET"),
        (303, "DELETE", "GET"),
        (303, "HEAD", "HEAD"),
        (301, "PUT", "PUT"),
        (302, "DELETE", "DELETE"),
        (307, "POST", "POST"),
        (308, "PATCH", "PATCH"),
        (302, "GET", "GET"),
    ],
)
def test_the_method_follows_the_status(status: int, method: str, becomes: str):
    assert onward(status, "/c", method=method).method == becomes


def test_a_post_that_becomes_a_get_loses_its_body_and_what_describes_it():
    following = onward(303, "/c")

    assert following.body is None
    assert set(HEADERS) - set(following.headers) == {"content-type", "idempotency-key"}


def test_a_kept_method_keeps_body_and_key():
    following = onward(307, "/c")

    assert following.body == b"{}"
    assert following.headers == HEADERS


@pytest.mark.parametrize(
    "location",
    ["https://other.example/", "https://vendor.example:8443/", "https://a.vendor.example/", "//other.example"],
)
def test_another_origin_gets_no_header_that_could_be_a_credential(location: str):
    following = onward(307, location)

    assert set(following.headers) == {"accept", "content-type", "idempotency-key"}


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("c", "https://vendor.example/a/c"),
        ("/c?d=e", "https://vendor.example/c?d=e"),
        ("https://vendor.example:443/c", "https://vendor.example/c"),
        ("//other.example/c", "https://other.example/c"),
    ],
)
def test_a_location_is_read_against_the_address_called(location: str, leads_to: str):
    assert str(onward(302, location).url) == leads_to


@pytest.mark.parametrize(
    "location", ["ftp://vendor.example/", "https://user:pw@other.example/", "https://[::1", "file:///x"]
)
def test_a_location_that_cannot_be_called_fails(location: str):
    with pytest.raises(ActionFailed) as failure:
        onward(302, location)

    assert failure.value.kind == "invalid"


def test_a_redirect_that_gives_up_on_encryption_is_refused():
    with pytest.raises(ActionFailed) as failure:
        onward(302, "http://vendor.example/")

    assert failure.value.kind == "refused"


@pytest.mark.parametrize(
    "path",
    [
        "/api/..%2f..",
        "/api/..%2Fadmin",
        "/api/x%2f..%2f..%2fadmin",
        "/api/..%5cadmin",
        "/api/..%252fadmin",
        "/api/..;/a",
    ],
)
def test_a_path_that_climbs_once_it_is_decoded_is_below_no_folder(path):
    assert not is_below(read_url(f"https://a.example{path}"), read_url("https://a.example/api"))


@pytest.mark.parametrize("path", ["/api/a..b", "/api/a%2fb", "/api/...", "/api"])
def test_dots_and_slashes_that_lead_nowhere_else_are_below(path):
    assert is_below(read_url(f"https://a.example{path}"), read_url("https://a.example/api"))
