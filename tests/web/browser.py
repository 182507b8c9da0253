"""A browser without a screen: it keeps cookies, fills in forms, and says where a request comes from."""

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.test import Client, TestResponse

from engine.path.users import create
from engine.runtime import Engine
from engine.words import Role

PASSWORD = "correct horse battery"
OURS = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Browser:
    """One person at an application."""

    client: Client

    def get(self, path: str, **more: object) -> TestResponse:
        return self.client.get(path, **more)

    def post(self, path: str, headers: dict[str, str] | None = None, **fields: str) -> TestResponse:
        """Send a form, as a page of ours does unless the headers say otherwise."""
        return self.client.post(path, data=fields, headers=OURS if headers is None else headers)

    def sign_in(self, name: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/login", name=name, password=password, **more)


def person(engine: Engine, name: str, role: Role, *, must_change: bool = False) -> None:
    """Make a user with the password of the tests."""
    create(engine, name, role, password=PASSWORD, must_change=must_change)


def signed_in(application: Callable[..., object], name: str) -> Browser:
    """Return the browser of a user who has signed in."""
    browser = Browser(Client(application))
    browser.sign_in(name)
    return browser
