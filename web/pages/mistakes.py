"""What is said when something goes wrong: to a person a page, to a page's script a notice, to a program a problem."""

from collections.abc import Mapping
from typing import NamedTuple

from flask import Response, g, render_template, request
from werkzeug.exceptions import HTTPException

from engine.errors import StoreUnavailable, WinkError
from web.api.door import PREFIX
from web.api.problems import of_error
from web.context import the_engine
from web.origin import SAFE
from web.pages.door import in_part, inside
from web.pages.forms import sentence
from web.people import the_people

HTML = "text/html; charset=utf-8"

#: Where a page shows what went wrong with a part of it.
_PLACE = {"HX-Retarget": "[data-trouble]", "HX-Reswap": "innerHTML"}


class Words(NamedTuple):
    """What is wrong, and what to do next."""

    title: str
    advice: str


_WORDS: Mapping[int, Words] = {
    400: Words("This request cannot be read", "Open the page again, and try once more."),
    403: Words("Not allowed", "Nothing was changed."),
    404: Words("There is no such page", "The address may be mistyped, or what it showed was deleted."),
    405: Words("This address is not a page", "A form sends to it: open the page that holds the form."),
    409: Words(
        "Somebody else was first", "Nothing was changed. Open the page again, and look before you try once more."
    ),
    413: Words("That is too much", "Nothing was kept. Send less at once."),
    422: Words("That cannot be taken", "Nothing was changed. Go back, and write something else."),
    429: Words("Too much at once", "Wait a little, and try again."),
    503: Words("Wink cannot do this now", "Nothing is lost. Wait a little, and try again."),
}
_OTHERS = Words("Something is wrong with this request", "Open the page again, and try once more.")
_OURS = Words(
    "Wink itself failed",
    "It is not your fault. Try again; if it fails again, tell whoever runs this Wink: its log says more at this time.",
)


def answer(error: Exception) -> Response:
    """Say what is wrong to whoever asks."""
    response = of_error(error)
    if not asks_for_a_page():
        return response
    _know_the_person()
    template, more = ("trouble.html", {}) if in_part() else ("error.html", {"again": _again(response)})
    response.set_data(render_template(template, **_about(error, response.status_code), **more))
    response.content_type = HTML
    response.headers.update(_PLACE if in_part() else {})
    return response


def asks_for_a_page() -> bool:
    """Tell whether a person looks at the answer: browsers name HTML, programs do not."""
    return not request.path.startswith(PREFIX) and "text/html" in request.headers.get("Accept", "")


def _about(error: Exception, status: int) -> Mapping[str, object]:
    """Return what is told; a moment only where the log has more."""
    words = _WORDS.get(status, _OURS if status >= 500 else _OTHERS)
    return {
        "words": words,
        "said": _said(error, status),
        "moment": the_engine().clock.now() if status >= 500 else None,
    }


def _again(response: Response) -> str:
    """Return the address to try again; nothing where that is no use, or a form would have to be sent again."""
    useful = response.status_code >= 429 and request.method in SAFE
    return inside(request.full_path.rstrip("?")) if useful else ""


def _said(error: Exception, status: int) -> str:
    """Return what the error says in words of ours; a mistake of ours says nothing to anybody."""
    if isinstance(error, HTTPException):
        return sentence(error.description if error.description != type(error).description else "")
    return sentence(error) if isinstance(error, WinkError) and status != 500 else ""


def _know_the_person() -> None:
    """Look up who asks, once: without a database it is nobody, and the page shows no navigation."""
    try:
        the_people().present()
    except StoreUnavailable:
        g.person = None
