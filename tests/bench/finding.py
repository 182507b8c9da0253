"""The body that every system takes: a finding of about 2 KB, with an id of its own in each request."""

import json

#: Stands in the body where the id goes.
ID = "<id>"

_FINDING = {
    "type": "finding.created",
    "id": ID,
    "asset": {"host": "shop.example.com", "owner": "payments", "labels": ["public", "production"], "port": 443},
    "finding": {
        "title": "Reflected cross-site scripting in the search form",
        "severity": "high",
        "score": 7.4,
        "url": "https://shop.example.com/search?q=%3Cscript%3E",
        "references": [f"https://advisories.example.com/{number}" for number in range(20260, 20272)],
        "details": {
            "method": "GET",
            "parameter": "q",
            "evidence": "The value of the parameter comes back unescaped between two elements of the page. " * 6,
            "headers": {"content-type": "text/html; charset=utf-8", "server": "example", "x-frame-options": "DENY"},
        },
        "remediation": "Escape the value where it is written into the page, and send a content security policy. " * 4,
    },
    "scan": {"profile": "weekly", "started": "2026-01-02T03:04:05Z", "finished": "2026-01-02T03:19:40Z", "retries": 0},
}

#: The body, with ``<id>`` where the id goes.
BODY = json.dumps(_FINDING)
