"""The API of an engine in this process, called without a socket."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from werkzeug.test import Client, TestResponse

from engine.path.access import local_token
from engine.path.folder import Folder
from engine.runtime import Engine
from engine.store import triggers
from engine.words import Role
from tests.engines import running
from tests.web.browser import Browser, person, signed_in
from web.application import create_application
from web.hooks import Application


@dataclass(frozen=True)
class Api:
    """Calls the application with a token."""

    engine: Engine
    client: Client

    def call(self, method: str, path: str, value: object = None, **more: object) -> TestResponse:
        """Call the management API, as a JSON client does."""
        headers = {"Authorization": f"Bearer {local_token(self.engine.settings)}", **more.pop("headers", {})}
        body = {} if value is None else {"json": value}
        return self.client.open(f"/api/v1{path}", method=method, headers=headers, **body, **more)

    def get(self, path: str):
        """Return what can be read there."""
        return _good(self.call("GET", path))

    def post(self, path: str, value: object = None):
        """Do something, and return what came of it."""
        return _good(self.call("POST", path, value))

    def put_workflow(self, text: str, name: str = "w", **headers: str) -> TestResponse:
        """Put a workflow as an author does."""
        return self.call("PUT", f"/workflows/{name}", data=text, content_type="text/yaml", headers=headers)

    def deliver(self, url: str, value: object, **headers: str) -> TestResponse:
        """Post JSON to a trigger's address, as a sender does."""
        return self.client.post("/webhooks/" + url.split("/webhooks/")[1], json=value, headers=headers)


def _good(response: TestResponse):
    assert response.status_code < 400, (response.status_code, response.text)
    return response.json


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    """Run an engine on a folder of its own, whose clock can be moved on."""
    with running(tmp_path) as engine:
        yield engine


@pytest.fixture
def folder(engine) -> Folder:
    """Return the workflows folder, which is looked at when a test says so."""
    engine.settings.workflows.mkdir()
    return Folder(engine, engine.settings.workflows)


@pytest.fixture
def api(engine, folder) -> Api:
    return Api(engine, Client(create_application(engine, folder)))


@pytest.fixture(scope="module")
def shared_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Run one engine for all tests of a module, which knows an editor and a viewer."""
    with running(tmp_path_factory.mktemp("shared")) as engine:
        person(engine, "edith", Role.EDITOR)
        person(engine, "victor", Role.VIEWER)
        yield engine


@pytest.fixture
def no_triggers(engine: Engine) -> None:
    """Begin a test without triggers."""
    for each in engine.store.read(triggers.all_of):
        engine.store.write(triggers.remove, each.id)
    engine.published.refresh()


@pytest.fixture(scope="module")
def shared_folder(engine: Engine) -> Folder:
    """Return the workflows folder of a module that has one engine for all of its tests."""
    engine.settings.workflows.mkdir()
    return Folder(engine, engine.settings.workflows)


@pytest.fixture(scope="module")
def application(engine: Engine, shared_folder: Folder) -> Application:
    """Return the pages of a module that has one engine for all of its tests."""
    return create_application(engine, shared_folder)


@pytest.fixture(scope="module")
def edith(application: Application) -> Browser:
    """Return the browser of an editor, whom the module's engine has to know."""
    return signed_in(application, "edith")


@pytest.fixture(scope="module")
def victor(application: Application) -> Browser:
    """Return the browser of a viewer, whom the module's engine has to know."""
    return signed_in(application, "victor")
