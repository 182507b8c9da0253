"""Carry what is said once over the redirect after a form: new secrets, what looks wrong about them, what they proved.

It travels sealed in a cookie of the browser that sent the form, for one trigger and a minute, and the page that shows
it takes it away: no table, log or address ever holds it.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, request

from engine import json_bytes
from engine.errors import WinkError
from engine.path.shown import Shown
from engine.runtime import Engine

COOKIE = "wink_issued"
_KEPT_FOR = 60


@dataclass(frozen=True, slots=True)
class Issued:
    """What is shown this once."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    warnings: Sequence[str] = ()
    #: What became of what was sealed.
    late: str = ""


def hand_over(engine: Engine, response: Response, shown: Shown, pasted: Sequence[str] = ()) -> Response:
    """Let the page that the response leads to show what was issued; pasted: secrets that the person has already."""
    warnings = [words for words in shown.warnings if words.startswith("This secret")]
    values = {name: value for name, value in shown.issued.items() if name not in pasted}
    late = shown.late.words if shown.late else ""
    if not values and not warnings and not late:
        return response
    text = json_bytes.dump({"values": values, "warnings": warnings, "late": late}).decode()
    sealed = engine.store.cipher.seal(text, _place(shown.trigger.id))
    response.set_cookie(
        COOKIE,
        urlsafe_b64encode(sealed).decode(),
        max_age=_KEPT_FOR,
        path=f"/triggers/{shown.trigger.name}",
        secure=engine.settings.public_url.startswith("https:"),
        httponly=True,
        samesite="Strict",
    )
    return response


def take(engine: Engine, trigger_id: str) -> Issued:
    """Return what was issued for the trigger just before; nothing where there is nothing, or not for this one."""
    try:
        sealed = urlsafe_b64decode(request.cookies.get(COOKIE, ""))
        found = json_bytes.parse(engine.store.cipher.open(sealed, _place(trigger_id)).encode())
    except (WinkError, ValueError):
        return Issued()
    return Issued(found["values"], found["warnings"], found["late"]) if isinstance(found, dict) else Issued()


def forget(engine: Engine, response: Response, name: str) -> Response:
    """Take the cookie away: what was shown is shown no more."""
    if COOKIE in request.cookies:
        secure = engine.settings.public_url.startswith("https:")
        response.delete_cookie(COOKIE, path=f"/triggers/{name}", secure=secure, httponly=True, samesite="Strict")
    return response


def _place(trigger_id: str) -> str:
    return f"cookie/{trigger_id}/{COOKIE}"
