"""The API is what its description says: schemathesis reads it, calls every operation, and checks each answer."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from engine.path.access import local_token
from tests.engines import deliver, running, trigger, workflow
from web.application import create_application

PATH = "/api/v1/openapi.json"

#: What JSON Schema cannot say: whether an expression, a recipe or a workflow can be read.
LANGUAGES = [positive_data_acceptance]


@pytest.fixture(scope="module")
def application(tmp_path_factory):
    """Return the application of an engine that holds something of everything, and a token of it."""
    with running(tmp_path_factory.mktemp("described")) as engine:
        trigger(engine)
        workflow(engine)
        deliver(engine)
        yield create_application(engine), local_token(engine.settings)


@pytest.fixture(scope="module")
def described(application):
    return schemathesis.openapi.from_wsgi(PATH, application[0])


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_described_and_nothing_is_taken_that_is_not(described, application, mode):
    for operation in (result.ok() for result in described.get_all_operations()):
        raw = operation.definition.raw
        if mode is GenerationMode.POSITIVE or raw["parameters"] or "requestBody" in raw:
            _call(operation, mode, {"Authorization": f"Bearer {application[1]}"})


def _call(operation, mode, headers):
    @settings(max_examples=5, derandomize=True, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy(generation_mode=mode))
    def call(case):
        case.call_and_validate(headers=headers, excluded_checks=LANGUAGES)

    call()


def test_every_operation_says_what_it_does_and_how_it_fails(described):
    operations = [operation.ok().definition.raw for operation in described.get_all_operations()]

    assert len(operations) > 40
    assert all(each["summary"] and "default" in each["responses"] for each in operations)
    assert len({each["operationId"] for each in operations}) == len(operations)
