"""What a request finds in its application: the engine, the watched folder of workflows, the way to triggers."""

from typing import cast

from flask import Flask, current_app

from engine.app import secret_key
from engine.path.approve import Door
from engine.path.carry import Carry
from engine.path.folder import Folder
from engine.runtime import Engine

_ENGINE = "wink.engine"
_FOLDER = "wink.folder"
_CARRY = "wink.carry"
_DOOR = "wink.door"


def equip(app: Flask, engine: Engine, folder: Folder | None, carry: Carry) -> None:
    """Put the engine where requests find it, and what is beside it."""
    app.extensions[_ENGINE] = engine
    app.extensions[_FOLDER] = folder
    app.extensions[_CARRY] = carry
    app.extensions[_DOOR] = Door(engine, secret_key(engine.settings))


def the_engine() -> Engine:
    """Return the engine of the present request's application."""
    return cast("Engine", current_app.extensions[_ENGINE])


def the_folder() -> Folder | None:
    """Return the watched folder of workflows; None when nobody watches one."""
    return cast("Folder | None", current_app.extensions[_FOLDER])


def the_carry() -> Carry:
    """Return how what we send ourselves comes to a trigger: over its address, where there is a server."""
    return cast("Carry", current_app.extensions[_CARRY])


def the_door() -> Door:
    """Return where people decide what steps ask them."""
    return cast("Door", current_app.extensions[_DOOR])
