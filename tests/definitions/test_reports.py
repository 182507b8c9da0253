"""How mistakes are written down for whoever asks."""

import json
from collections.abc import Mapping

import jsonschema
import pytest

from engine.definitions.reports import as_github, as_json, as_sarif, as_text
from engine.errors import Mistake

FINDINGS = {
    "flows/a,b.yaml": [Mistake(3, 7, "100% wrong\nhere"), Mistake(4, 1, "always true", warning=True)],
    "flows/fine.yaml": [],
}


def exactly(required: str, **properties: object) -> Mapping[str, object]:
    """Return the schema of a mapping with these keys and no other; required: the keys that must be there."""
    return {"type": "object", "properties": properties, "required": required.split(), "additionalProperties": False}


def many(items: object) -> Mapping[str, object]:
    return {"type": "array", "items": items}


TEXT = {"type": "string"}
FROM_ONE = {"type": "integer", "minimum": 1}
#: What SARIF 2.1.0 says of the properties that are used here.
#: Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json
SARIF = exactly(
    "version runs",
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=many(
        exactly(
            "tool",
            tool=exactly(
                "driver",
                driver=exactly(
                    "name", name=TEXT, rules=many(exactly("id", id=TEXT, shortDescription=exactly("text", text=TEXT)))
                ),
            ),
            columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
            results=many(
                exactly(
                    "message",
                    ruleId=TEXT,
                    level={"enum": ["none", "note", "warning", "error"]},
                    message=exactly("text", text=TEXT),
                    locations=many(
                        exactly(
                            "",
                            physicalLocation=exactly(
                                "",
                                artifactLocation=exactly(
                                    "", uri={"type": "string", "pattern": r"^[A-Za-z0-9._~:/%-]*$"}
                                ),
                                region=exactly("", startLine=FROM_ONE, startColumn=FROM_ONE),
                            ),
                        )
                    ),
                )
            ),
        )
    ),
)


def test_text_is_a_line_for_each_mistake():
    assert as_text({"a.yaml": [Mistake(3, 7, "wrong"), Mistake(4, 1, "always true", warning=True)]}) == (
        "a.yaml:3:7: mistake: wrong\na.yaml:4:1: warning: always true"
    )


def test_json_has_every_file_with_its_mistakes():
    assert json.loads(as_json(FINDINGS)) == {
        "files": [
            {
                "path": "flows/a,b.yaml",
                "mistakes": [
                    {"line": 3, "column": 7, "message": "100% wrong\nhere", "warning": False},
                    {"line": 4, "column": 1, "message": "always true", "warning": True},
                ],
            },
            {"path": "flows/fine.yaml", "mistakes": []},
        ]
    }


def test_github_gets_an_escaped_command_for_each_mistake():
    assert as_github(FINDINGS).splitlines() == [
        "::error file=flows/a%2Cb.yaml,line=3,col=7::100%25 wrong%0Ahere",
        "::warning file=flows/a%2Cb.yaml,line=4,col=1::always true",
    ]


def test_sarif_places_each_mistake_in_its_file():
    log = json.loads(as_sarif(FINDINGS))

    first, second = log["runs"][0]["results"]
    location = first["locations"][0]["physicalLocation"]
    assert (log["version"], first["level"], second["level"]) == ("2.1.0", "error", "warning")
    assert first["message"]["text"] == "100% wrong\nhere"
    assert location == {
        "artifactLocation": {"uri": "flows/a%2Cb.yaml"},
        "region": {"startLine": 3, "startColumn": 7},
    }


@pytest.mark.parametrize("path", ["a.yaml", "/srv/flows/a.yaml", "my flows/ä#1%?.yaml", "c:d.yaml", "a\nb.yaml", ""])
def test_sarif_is_as_its_schema_wants_it(path):
    log = json.loads(as_sarif({path: FINDINGS["flows/a,b.yaml"], "fine.yaml": []}))

    jsonschema.Draft202012Validator(SARIF).validate(log)


def test_sarif_names_files_by_uri():
    log = json.loads(
        as_sarif({path: [Mistake(1, 1, "wrong")] for path in ("my flows/ä.yaml", "/srv/100%.yaml", "c:d")})
    )

    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in log["runs"][0]["results"]]
    assert places == ["my%20flows/%C3%A4.yaml", "file:///srv/100%25.yaml", "c%3Ad"]


def test_a_name_or_message_cannot_begin_a_command_of_its_own():
    commands = as_github({"a\n::error::.yaml": [Mistake(1, 1, "b\r\n::error::c")]})

    assert commands == "::error file=a%0A%3A%3Aerror%3A%3A.yaml,line=1,col=1::b%0D%0A::error::c"


def test_nothing_wrong_is_an_empty_text():
    assert as_text({"a.yaml": []}) == as_github({}) == ""
