"""The API is what its description says: schemathesis reads it, calls every operation, and checks each answer."""

from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.specs.openapi.checks import unsupported_method, positive_data_acceptance

from engine.path.access import local_token
from tests.engines import LOGS, deliver, running, trigger, workflow
from web.application import create_application


@pytest.fixture(scope="module")
def described(tmp_path_factory):
    """Return the description of an engine that holds something of everything."""
    with running(tmp_path_factory.mktemp("described")) as engine:
        trigger(engine)
        workflow(engine, LOGS)
        deliver(engine)
        app = create_application(engine)
        headers = {"Authorization": f"Bearer {local_token(engine.settings)}"}
        yield schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app), headers
