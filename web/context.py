"""What a request finds in its application: the engine, and the watched folder of workflows where there is one."""

from typing import cast

from flask import Flask, current_app

from engine.path.folder import Folder
from engine.runtime import Engine

_ENGINE = "wink.engine"
_FOLDER = "wink.folder"


def equip(app: Flask, engine: Engine, folder: Folder | None) -> None:
    """Put the engine where requests find it."""
    app.extensions[_ENGINE] = engine
    app.extensions[_FOLDER] = folder


def the_engine() -> Engine:
    """Return the engine of the present request's application."""
    return cast("Engine", current_app.extensions[_ENGINE])


def the_folder() -> Folder | None:
    """Return the watched folder of workflows; None when nobody watches one."""
    return cast("Folder | None", current_app.extensions[_FOLDER])
