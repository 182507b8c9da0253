"""The application that a server serves: the triggers' addresses in front, the management API and the pages behind."""

from time import sleep
from typing import cast

from apiflask import APIFlask
from flask import Flask, Response, request

import engine as package
from engine.path.access import Access
from engine.path.carry import Carry, within
from engine.path.folder import Folder
from engine.runtime import Engine
from web import context
from web.api import door, openapi, problems
from web.api.approvals import approvals
from web.api.conditions import conditions
from web.api.connections import connections
from web.api.connectors import connectors
from web.api.deliveries import deliveries
from web.api.events import events
from web.api.health import build_health
from web.api.json_bodies import ApiRequest, StrictJson
from web.api.ledger import ledger
from web.api.recipes import recipes
from web.api.runs import runs
from web.api.samples import samples
from web.api.tokens import tokens
from web.api.triggers import triggers
from web.api.users import users
from web.api.workflows import workflows
from web.hooks import Application, with_hooks
from web.origin import SAFE
from web.pages import door as pages_door
from web.pages import mistakes
from web.pages.approvals import approval_pages
from web.pages.assets import build_assets
from web.pages.conditions import condition
from web.pages.connections import connection_pages
from web.pages.connectors import connectors as connector_pages
from web.pages.deliveries import delivery_pages
from web.pages.event_tests import event_test_pages
from web.pages.events import event_pages
from web.pages.listening import listening
from web.pages.overview import build_overview
from web.pages.recipes import recipe_pages
from web.pages.runs import run_pages
from web.pages.session import session
from web.pages.settings import settings
from web.pages.trigger_setup import trigger_setup
from web.pages.triggers import trigger_pages
from web.pages.workflow_editor import workflow_editor
from web.pages.workflows import workflow_pages
from web.people import People, equip

_ROUTES = (
    triggers,
    samples,
    conditions,
    workflows,
    deliveries,
    recipes,
    events,
    runs,
    approvals,
    connections,
    connectors,
    ledger,
    tokens,
    users,
)

_PAGES = (
    session,
    trigger_pages,
    trigger_setup,
    recipe_pages,
    listening,
    condition,
    workflow_pages,
    workflow_editor,
    event_pages,
    event_test_pages,
    delivery_pages,
    run_pages,
    approval_pages,
    connector_pages,
    connection_pages,
    settings,
)

_SETTINGS = {
    "AUTO_404_RESPONSE": False,
    "AUTO_VALIDATION_ERROR_RESPONSE": False,
    "AUTO_AUTH_ERROR_RESPONSE": False,
    "AUTO_OPERATION_ID": True,
    "AUTO_SERVERS": False,
    "PROPAGATE_EXCEPTIONS": False,
}


def create_application(engine: Engine, folder: Folder | None = None, *, carry: Carry = within) -> Application:
    """Return the application of an engine.

    folder: the watched folder of workflows, whose problems it shows; carry: how test events come to their triggers,
    which a server takes over their addresses.
    """
    return with_hooks(engine, cast("Application", _flask(engine, folder, carry).wsgi_app))


def _flask(engine: Engine, folder: Folder | None, carry: Carry = within) -> Flask:
    app = APIFlask(
        "wink",
        "Wink",
        package.__version__,
        spec_path="/api/v1/openapi.json",
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]  # none: by default it would be one of the working directory
    )
    app.request_class, app.json = ApiRequest, StrictJson(app)
    app.config.update(_SETTINGS, MAX_CONTENT_LENGTH=int(engine.settings.max_body))
    access, people = Access.open(engine), People.of(engine)
    context.equip(app, engine, folder, carry)
    _answer_when_known(app, engine)
    equip(app, people)
    door.close(app, access, people)
    pages_door.close(app, people)
    problems.register(app, mistakes.answer)
    app.spec_processor(openapi.complete)  # type: ignore[arg-type]  # it is text for YAML alone
    for routes in (*_ROUTES, build_health(access), build_assets(), build_overview(), *_PAGES):
        app.register_blueprint(routes)
    return app


def _answer_when_known(app: Flask, engine: Engine) -> None:
    """Answer what changes something when every host knows it: the next request may reach another one."""

    @app.after_request
    def wait(response: Response) -> Response:
        if request.method not in SAFE:
            sleep(engine.published.unseen())
        return response
