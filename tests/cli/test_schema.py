import json
from pathlib import Path

import jsonschema
import pytest

from engine.language.yaml12 import load
from engine.path.folder import workflow_files

ROOT = Path(__file__).parents[2]


def schema_of(wink, kind):
    schema = json.loads(wink("schema", kind).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    return schema


def test_the_examples_fit_the_schema_of_workflows(wink):
    validator = jsonschema.Draft202012Validator(schema_of(wink, "workflow"))

    files = workflow_files(ROOT / "workflows")

    assert len(files) == 5
    for file in files:
        validator.validate(load(file.read_bytes()).value)


@pytest.mark.parametrize("kind", ["connector", "event"])
def test_other_schemas_are_printed_too(wink, kind):
    assert schema_of(wink, kind)["type"] == "object"
