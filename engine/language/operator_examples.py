"""An example of each operator of a condition's rows: a test, and what the reference shows."""

from collections.abc import Mapping
from typing import Final

#: By the operator's name, a row in YAML that is true of the event in ``docs/expressions.md``.
ROWS: Final[Mapping[str, str]] = {
    "after": '{left: "now()", op: after, right: "2026-01-01T00:00:00Z"}',
    "at_least": "{left: event.data.finding.score, op: at_least, right: 9.5}",
    "at_most": "{left: event.data.finding.score, op: at_most, right: 9.5}",
    "before": '{left: "now()", op: before, right: "2100-01-01T00:00:00Z"}',
    "between": "{left: event.data.finding.score, op: between, right: [9, 10]}",
    "contains": "{left: event.data.finding.tags, op: contains, right: prod}",
    "ends_with": "{left: event.data.finding.asset, op: ends_with, right: .example.com}",
    "equals": "{left: event.data.finding.severity, op: equals, right: critical}",
    "equals_ignore_case": "{left: event.data.finding.severity, op: equals_ignore_case, right: CRITICAL}",
    "exists": "{left: event.data.finding.fixed, op: exists}",
    "glob": "{left: event.type, op: glob, right: detectify.*}",
    "greater_than": "{left: event.data.finding.score, op: greater_than, right: 7}",
    "has_all": "{left: event.data.finding.tags, op: has_all, right: [prod, web]}",
    "has_any": "{left: event.data.finding.tags, op: has_any, right: [prod, pci]}",
    "in": "{left: event.data.finding.severity, op: in, right: [critical, high]}",
    "in_network": "{left: \"'10.1.2.3'\", op: in_network, right: 10.0.0.0/8}",
    "is_empty": "{left: \"trim('  ')\", op: is_empty}",
    "is_null": "{left: event.data.finding.fixed, op: is_null}",
    "length_is": "{left: event.data.finding.tags, op: length_is, right: 2}",
    "less_than": "{left: event.data.finding.score, op: less_than, right: 10}",
    "not_contains": '{left: event.data.finding.title, op: not_contains, right: "[test]"}',
    "not_equals": "{left: event.data.finding.severity, op: not_equals, right: low}",
    "not_exists": "{left: event.data.finding.owner, op: not_exists}",
    "not_in": "{left: event.data.finding.severity, op: not_in, right: [low, medium]}",
    "older_than": "{left: \"now() - duration('3h')\", op: older_than, right: 2h}",
    "regex": '{left: event.data.finding.asset, op: regex, right: "^shop[.]"}',
    "starts_with": "{left: event.data.finding.title, op: starts_with, right: SQL}",
    "type_is": "{left: event.data.finding.score, op: type_is, right: number}",
    "within_last": "{left: \"now() - duration('1h')\", op: within_last, right: 2h}",
}
