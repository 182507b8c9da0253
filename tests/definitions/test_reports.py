"""How mistakes are written down for whoever asks."""

import json

from engine.definitions.reports import as_github, as_json, as_sarif, as_text
from engine.errors import Mistake

FINDINGS = {
    "flows/a,b.yaml": [Mistake(3, 7, "100% wrong\nhere"), Mistake(4, 1, "always true", warning=True)],
    "flows/fine.yaml": [],
}


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
        "artifactLocation": {"uri": "flows/a,b.yaml"},
        "region": {"startLine": 3, "startColumn": 7},
    }


def test_nothing_wrong_is_an_empty_text():
    assert as_text({"a.yaml": []}) == as_github({}) == ""
