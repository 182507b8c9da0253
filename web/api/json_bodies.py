"""JSON as the API reads and writes it: as strict and as exact as what vendors send is read."""

from typing import NoReturn

from flask import Request
from flask.json.provider import JSONProvider
from werkzeug.exceptions import BadRequest

from engine import json_bytes
from engine.definitions.bodies import read_json
from engine.errors import Rejected


class StrictJson(JSONProvider):
    """Refuses doubled keys, NaN and half surrogates; keeps integers of any size. An empty body is an empty object."""

    def loads(self, s: str | bytes, **_: object) -> object:
        """Read a body.

        Raises:
            ValueError: it is no JSON, in words.
        """
        text = s if isinstance(s, bytes) else s.encode("utf-8", "surrogatepass")
        try:
            return read_json(text) if text else {}
        except Rejected as rejected:
            raise ValueError(rejected.detail) from rejected

    def dumps(self, obj: object, **_: object) -> str:
        """Write a value."""
        return json_bytes.dump(obj).decode()


class ApiRequest(Request):
    """A request that says in words why its body cannot be read."""

    def on_json_loading_failed(self, e: ValueError | None) -> NoReturn:
        """Answer 400, with what is wrong."""
        raise BadRequest(str(e) if e else "send JSON, with content type application/json")
