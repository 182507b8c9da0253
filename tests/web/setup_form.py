"""The set-up page as a person reads it: what its fields hold, and how it is reached."""

import re
from html import unescape

from engine.runtime import Engine
from engine.store import triggers
from engine.store.rows import Trigger
from tests.web.browser import Browser
from tests.web.seen import Seen


def labelled(page: str, label: str) -> str | None:
    """Return the value of the control with that label; None where there is none."""
    found = re.search(rf'<label for="([^"]+)">{re.escape(label)}', page)
    control = found and re.search(rf'<input id="{re.escape(found[1])}"[^>]*? value="([^"]*)"', page)
    return unescape(control[1]) if control else None


def fields(page: str) -> dict[str, str]:
    """Return what the form that is applied would send."""
    areas = dict(re.findall(r'<textarea id="[^"]+" name="(networks)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL))
    chosen = {
        name: found
        for name, options in re.findall(r'<select id="[^"]+" name="(on_\w+)"[^>]*>(.*?)</select>', page, re.DOTALL)
        for found in re.findall(r'<option value="([^"]*)" selected', options)
    }
    inputs = {name: Seen(page).values[name] for name in ("title", "condition", "rate", "before")}
    return {**inputs, **{name: unescape(text) for name, text in areas.items()}, **chosen}


def begin(edith: Browser, connector: str = "custom", title: str = "t") -> str:
    """Make a draft, and return its page as it is seen first."""
    return edith.get(edith.post("/triggers/new", connector=connector, title=title).headers["Location"]).text


def stored(engine: Engine, name: str = "t") -> Trigger:
    return engine.store.read(triggers.find, name)
