"""The style page: the layout and every macro with sample values, for tests and for eyes.

``python -m tests.web.style_page`` serves it at http://127.0.0.1:8123, and at /signed-out the page of a stranger.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, Response, render_template
from jinja2 import ChoiceLoader, FileSystemLoader, StrictUndefined

from engine.words import Answer, Outcome, TriggerState, Verdict
from web.pages.assets import build_assets

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
STRANGER = """
{% extends "layout.html" %}{% from "macros.html" import button, field, notice %}{% block title %}Sign in{% endblock %}
{% block main %}<h1>Sign in</h1>{% call notice("bad") %}<p>Name or password is wrong.</p>{% endcall %}
<form method="post">{{ field("name", "Name", "ann", autocomplete="username") }}
{{ field("password", "Password", type="password", autocomplete="current-password") }}
{{ button("Sign in", "primary") }}</form>{% endblock %}
"""
EVENT = {
    "action": "opened",
    "number": 42,
    "pull_request": {
        "title": '<script>alert("hello")</script> {{ 7 * 7 }}',
        "draft": False,
        "merged_at": None,
        "labels": [{"name": "security", "score": 7.5}, {"name": "\u202eytiruces"}],
        "reviewers": [],
        "head": {},
    },
}


@dataclass(frozen=True)
class Person:
    name: str
    role: str


def sample() -> dict[str, object]:
    """Return the values that the style page shows."""
    busy = [(n * 7 % 11 + 2, n % 3 * (n % 4)) for n in range(20)]
    return {
        "person": Person("Ann Example", "editor"),
        "here": "Triggers",
        "event": EVENT,
        "moment": MOMENT,
        "words": dict.fromkeys([*Verdict, *TriggerState, *Outcome, *Answer]),
        "triggers": [
            ("github-pulls", "GitHub", TriggerState.PUBLISHED, 97, MOMENT, busy),
            ("stripe-disputes", "Stripe", TriggerState.PAUSED, 3, MOMENT, [(n in {3, 9, 10}, 0) for n in range(20)]),
            ("scanner", "Custom Webhook", TriggerState.NEEDS_SECRET, 0, None, [(0, 0)] * 20),
        ],
    }


def build() -> Flask:
    """Return an application with the style page; a name that a template misspells is an error."""
    app = Flask("style_page", static_folder=None)
    app.register_blueprint(build_assets())
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.loader = ChoiceLoader([app.jinja_env.loader, FileSystemLoader(Path(__file__).parent)])

    @app.get("/")
    def style_page() -> str:
        return render_template("style_page.html", **sample())

    @app.get("/signed-out")
    def signed_out() -> str:
        return render_template(app.jinja_env.from_string(STRANGER), person=None, here=None)

    @app.after_request
    def add_policy(answer: Response) -> Response:
        answer.headers["Content-Security-Policy"] = POLICY
        return answer

    return app


if __name__ == "__main__":
    build().run("127.0.0.1", 8123)
