"""The built front end: ``asset('app.css')`` for templates, and the addresses where browsers find the files.

``web/frontend/build.mjs`` names each file after what is in it, so that a browser may keep it for good.
"""

from pathlib import Path

from flask import Blueprint, Response, send_from_directory, url_for
from werkzeug.exceptions import NotFound

from web.built import STATIC, read_manifest

FOR_GOOD = "public, max-age=31536000, immutable"


def build_assets(folder: Path = STATIC) -> Blueprint:
    """Return what serves the files of the folder under ``/static/`` and gives templates ``asset`` and the templates.

    Raises:
        FrontEndMissing: there is no manifest in the folder.
    """
    names = read_manifest(folder)
    kept = frozenset(names.values())
    assets = Blueprint("assets", __name__, template_folder="../templates")

    @assets.get("/static/<name>")
    def file(name: str) -> Response:
        if name not in kept:
            raise NotFound
        answer = send_from_directory(folder, name)
        answer.headers["Cache-Control"] = FOR_GOOD
        answer.headers["X-Content-Type-Options"] = "nosniff"
        return answer

    @assets.app_template_global()
    def asset(name: str) -> str:
        return url_for("assets.file", name=names[name])

    return assets
