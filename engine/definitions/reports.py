"""Mistakes as ``wink check`` prints them: for people, for programs, for GitHub's annotations, for code scanning."""

import json
from collections.abc import Mapping, Sequence
from urllib.parse import quote

from engine.errors import Mistake

#: Mistakes by the file that they are in, as its path is to be shown.
Findings = Mapping[str, Sequence[Mistake]]

_SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(findings: Findings) -> str:
    """Return one line per mistake: ``path:line:column: mistake: message``, which editors and terminals link."""
    return "\n".join(
        f"{path}:{one.line}:{one.column}: {_level(one)}: {one.message}"
        for path, mistakes in findings.items()
        for one in mistakes
    )


def as_json(findings: Findings) -> str:
    """Return ``{"files": [{"path", "mistakes": [{"line", "column", "message", "warning"}]}]}``."""
    files = [{"path": path, "mistakes": [_told(one) for one in mistakes]} for path, mistakes in findings.items()]
    return json.dumps({"files": files}, ensure_ascii=False, indent=2)


def as_github(findings: Findings) -> str:
    """Return workflow commands that GitHub Actions shows as annotations of the lines.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
    """
    return "\n".join(
        f"::{'warning' if one.warning else 'error'} file={_property(path)},line={one.line},col={one.column}"
        f"::{_escaped(one.message)}"
        for path, mistakes in findings.items()
        for one in mistakes
    )


def as_sarif(findings: Findings) -> str:
    """Return a SARIF 2.1.0 log, as code scanning takes it.

    Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    """
    results = [_sarif_result(path, one) for path, mistakes in findings.items() for one in mistakes]
    driver = {"name": "wink", "rules": [{"id": "workflow", "shortDescription": {"text": "A mistake in a workflow"}}]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _level(mistake: Mistake) -> str:
    return "warning" if mistake.warning else "mistake"


def _told(mistake: Mistake) -> Mapping[str, object]:
    return {
        "line": mistake.line,
        "column": mistake.column,
        "message": mistake.message,
        "warning": mistake.warning,
    }


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")


def _sarif_result(path: str, mistake: Mistake) -> Mapping[str, object]:
    region = {"startLine": mistake.line, "startColumn": mistake.column}
    return {
        "ruleId": "workflow",
        "level": "warning" if mistake.warning else "error",
        "message": {"text": mistake.message},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(path)}, "region": region}}],
    }


def _uri(path: str) -> str:
    """Return a path as a URI reference, as SARIF takes it: one that begins here stays relative."""
    return f"file://{quote(path)}" if path.startswith("/") else quote(path)
