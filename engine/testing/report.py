"""What came of tests, told to people, to programs, and as JUnit's XML for CI."""

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from engine.definitions import reports
from engine.path.folder import TESTS
from engine.testing.compare import Difference
from engine.testing.suite import Result, Suite

#: What XML 1.0 cannot hold, not even escaped.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_text(suites: Sequence[Suite]) -> Iterator[str]:
    """Yield lines: of each workflow what is wrong, with its place, and then how it stands."""
    for suite in suites:
        if suite.mistakes:
            yield reports.as_text({str(path): mistakes for path, mistakes in suite.mistakes.items()})
            continue
        for result in suite.results:
            yield from _failure(suite, result)
        if suite.tests is None:
            yield f"{suite.workflow}: no tests: write {suite.workflow.with_suffix(f'{TESTS}.yaml')}"
            continue
        yield from (f"{suite.workflow}:{each.line}: not tested: {each.words}" for each in suite.missing)
        passed, taken = len(suite.results) - suite.failed, suite.branches - len(suite.missing)
        branches = f"{taken} of {suite.branches} branches ({suite.coverage} %)"
        yield f"{suite.workflow}: {passed} of {len(suite.results)} tests passed, {branches}"


def as_json(suites: Sequence[Suite]) -> Mapping[str, object]:
    """Return ``{"workflows": [{"workflow", "file", "tests", "branches", "mistakes"}]}`` for programs."""
    return {"workflows": [_json(suite) for suite in suites]}


def as_junit(suites: Sequence[Suite]) -> str:
    """Return JUnit's XML: a suite for each workflow; mistakes in a file are an error of their suite.

    Source: https://github.com/testmoapp/junitxml
    """
    root = ET.Element("testsuites", name="wink test")
    for suite in suites:
        root.append(_xml_suite(suite))
    for name in ("tests", "failures", "errors"):
        root.set(name, str(sum(int(one.get(name, "0")) for one in root)))
    ET.indent(root)
    return ET.tostring(root, "unicode", xml_declaration=True) + "\n"


def _failure(suite: Suite, result: Result) -> Iterator[str]:
    for difference in result.differences:
        place = f"{suite.tests}:{difference.mark.line}:{difference.mark.column}"
        yield f"{place}: failed: {result.name}"
        yield from _lines(difference)


def _lines(difference: Difference) -> Iterator[str]:
    legend = " (- expected, + came instead):" if difference.lines else ""
    yield f"  {difference.words}{legend}"
    yield from (f"    {line}" for line in difference.lines)


def _json(suite: Suite) -> Mapping[str, object]:
    missing = [{"line": each.line, "words": each.words} for each in suite.missing]
    mistakes = suite.mistakes or {}
    return {
        "workflow": suite.workflow.stem,
        "file": str(suite.workflow),
        "tests": [_json_result(result) for result in suite.results],
        "branches": {"taken": suite.branches - len(missing), "all": suite.branches, "missing": missing},
        "mistakes": [
            {"path": str(path), "line": one.line, "column": one.column, "message": one.message}
            for path, found in mistakes.items()
            for one in found
        ],
    }


def _json_result(result: Result) -> Mapping[str, object]:
    found = [
        {"line": each.mark.line, "column": each.mark.column, "message": each.words, "diff": list(each.lines)}
        for each in result.differences
    ]
    return {"name": result.name, "line": result.mark.line, "passed": not found, "differences": found}


def _xml_suite(suite: Suite) -> ET.Element:
    counts = {"tests": len(suite.results), "failures": suite.failed, "errors": len(suite.mistakes or ())}
    counts["tests"] += counts["errors"]
    element = ET.Element("testsuite", name=str(suite.workflow))
    for name, count in counts.items():
        element.set(name, str(count))
    for path, mistakes in (suite.mistakes or {}).items():
        case = ET.SubElement(element, "testcase", classname=suite.workflow.stem, name=str(path))
        words = _plain(reports.as_text({str(path): mistakes}))
        ET.SubElement(case, "error", message=f"{path} has mistakes").text = words
    for result in suite.results:
        element.append(_xml_case(suite, result))
    return element


def _xml_case(suite: Suite, result: Result) -> ET.Element:
    place = {"file": str(suite.tests), "line": str(result.mark.line), "time": f"{result.took.total_seconds():.3f}"}
    case = ET.Element("testcase", {"classname": suite.workflow.stem, "name": _plain(result.name), **place})
    if result.differences:
        words = _plain("\n".join(_failure(suite, result)))
        ET.SubElement(case, "failure", message=_plain(result.differences[0].words)).text = words
    return case


def _plain(text: str) -> str:
    """Return a text with nothing that XML 1.0 cannot hold."""
    return _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
