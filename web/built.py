"""The front end as ``web/frontend/build.mjs`` leaves it, and whether it is there."""

import json
from pathlib import Path

from engine.errors import WinkError

STATIC = Path(__file__).parent / "static"
MANIFEST = "manifest.json"


class FrontEndMissing(WinkError):
    """The front end is not built: `python3 dev.py run` builds it, and packages of Wink have it inside."""


def read_manifest(folder: Path = STATIC) -> dict[str, str]:
    """Return the file of each asset by its plain name: ``{"app.css": "app-5UJM37UD.css"}``.

    Raises:
        FrontEndMissing: there is no manifest in the folder.
    """
    try:
        names: dict[str, str] = json.loads((folder / MANIFEST).read_bytes())
    except FileNotFoundError as error:
        raise FrontEndMissing from error
    return names
