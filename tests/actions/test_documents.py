"""Documents with vendors' keys: fetched at need, kept for a while, and never without bound."""

from concurrent.futures import Future, wait
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest

from engine.actions.documents import AT_ONCE, MOST, WAITING, Documents
from engine.actions.guard import Guard
from engine.actions.texts import LARGEST, get_text
from engine.errors import ActionFailed

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
ADDRESS = "https://keys.example.com/jwks"


class Still:
    """A clock that stands until it is moved on."""

    def __init__(self) -> None:
        self.moment = NOW

    def now(self) -> datetime:
        return self.moment


class Vendor:
    """Publishes keys, or fails to."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fails = False

    def __call__(self, address: str) -> str:
        self.asked.append(address)
        if self.fails:
            raise ActionFailed("timeout", "keys.example.com did not answer in time")
        return f"keys {len(self.asked)}"


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
def documents(vendor: Vendor, clock: Still):
    made = Documents(vendor, clock)
    yield made
    made.close()


def fetch(documents: Documents, now: datetime, address: str = ADDRESS) -> bool:
    fetched = documents.fetch(address, now)
    if fetched is not None:
        wait([fetched])
    return fetched is not None


def test_what_was_fetched_is_at_hand_for_an_hour(documents: Documents) -> None:
    assert documents.beside({"secret": ["s"]}, NOW) == {"secret": ["s"]}

    fetch(documents, NOW)

    assert documents.beside({"secret": ["s"]}, NOW) == {"secret": ["s"], ADDRESS: ("keys 1",)}
    assert documents.beside({}, NOW + timedelta(minutes=59)) == {ADDRESS: ("keys 1",)}
    assert documents.beside({}, NOW + timedelta(minutes=61)) == {}


def test_an_address_is_asked_once_a_minute_at_most(documents: Documents, vendor: Vendor, clock: Still) -> None:
    assert fetch(documents, NOW)
    assert not fetch(documents, NOW + timedelta(seconds=59))

    clock.moment = NOW + timedelta(seconds=61)

    assert fetch(documents, clock.moment)
    assert documents.beside({}, clock.moment) == {ADDRESS: ("keys 2",)}
    assert len(vendor.asked) == 2


def test_a_failure_is_told_and_tried_again_soon(documents: Documents, vendor: Vendor, clock: Still) -> None:
    vendor.fails = True
    fetch(documents, NOW)

    assert documents.failure(ADDRESS) == "keys.example.com did not answer in time"
    assert not fetch(documents, NOW + timedelta(seconds=9))

    vendor.fails, clock.moment = False, NOW + timedelta(seconds=11)
    assert fetch(documents, clock.moment)
    assert documents.failure(ADDRESS) == ""
    assert documents.beside({}, clock.moment) == {ADDRESS: ("keys 2",)}


def test_what_was_fetched_counts_on_where_fetching_it_again_fails(
    documents: Documents, vendor: Vendor, clock: Still
) -> None:
    fetch(documents, NOW)
    clock.moment = NOW + timedelta(minutes=2)
    vendor.fails = True
    fetch(documents, clock.moment)

    in_time, too_old = (documents.beside({}, NOW + timedelta(minutes=minutes)) for minutes in (59, 61))

    assert (in_time, too_old) == ({ADDRESS: ("keys 1",)}, {})


def test_addresses_that_hold_nothing_push_out_none_that_does(documents: Documents, vendor: Vendor) -> None:
    fetch(documents, NOW)
    vendor.fails = True
    for number in range(MOST + 1):
        fetch(documents, NOW, f"https://keys.example.com/{number}")

    assert documents.has(ADDRESS)


def test_many_who_want_one_document_wait_for_one_fetch_and_others_have_a_bound(clock: Still) -> None:
    released = Event()
    asked: list[str] = []

    def slow(address: str) -> str:
        asked.append(address)
        released.wait(10)
        return "keys"

    documents = Documents(slow, clock)
    same = {id(documents.fetch(ADDRESS, NOW)) for _ in range(50)}
    others = [documents.fetch(f"{ADDRESS}/{n}", NOW) for n in range(AT_ONCE + WAITING + 10)]
    released.set()
    under_way: list[Future[None]] = [each for each in others if each]
    wait(under_way)
    documents.close()

    assert len(same) == 1
    assert len(under_way) == AT_ONCE + WAITING - 1
    assert asked.count(ADDRESS) == 1


def test_no_more_addresses_are_remembered_than_fit(documents: Documents) -> None:
    for n in range(MOST + 5):
        fetch(documents, NOW, f"{ADDRESS}/{n}")

    assert len(documents.beside({}, NOW)) == MOST
    assert f"{ADDRESS}/0" not in documents.beside({}, NOW)


def test_a_document_is_read_up_to_its_bound_and_no_redirect_is_followed(httpserver) -> None:
    httpserver.expect_request("/keys").respond_with_data("the keys")
    httpserver.expect_request("/large").respond_with_data("x" * (LARGEST + 1))
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    httpserver.expect_request("/away").respond_with_data(
        "", status=302, headers={"Location": httpserver.url_for("/keys")}
    )
    guard = Guard(allowed_endpoints=frozenset({(httpserver.host, httpserver.port)}))

    assert get_text(guard, httpserver.url_for("/keys")) == "the keys"
    for path in ("/large", "/gone", "/away"):
        with pytest.raises(ActionFailed):
            get_text(guard, httpserver.url_for(path))


def test_a_private_address_is_not_asked(httpserver) -> None:
    with pytest.raises(ActionFailed) as refused:
        get_text(Guard(), httpserver.url_for("/keys"))

    assert refused.value.kind == "refused"
