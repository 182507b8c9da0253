"""Proofs within the items of a list: each item has to carry its own, for one that does not could be put beside it."""

from collections.abc import Mapping
from dataclasses import replace

from engine import json_bytes
from engine.authentication.places import find, put, read_json
from engine.authentication.request import Inbound
from engine.authentication.scheme import TIMELESS, Proof, Scheme
from engine.authentication.secret import Secrets
from engine.errors import Rejected
from engine.words import Reason

#: More items than this in one delivery are no batch of any vendor that proves each.
MAX_ITEMS = 1_000


def per_item(scheme: Scheme, path: str) -> Scheme:
    """Return a scheme that every item of the list at a path into the JSON body must pass, as if it were the body."""
    names = path.split(".") if path else []

    def prove(request: Inbound, secrets: Secrets) -> Proof:
        for item in _items(request, names):
            scheme.prove(_of(request, item), secrets)
        return TIMELESS

    def sign(request: Inbound, secrets: Mapping[str, str]) -> Inbound:
        signed = [read_json(scheme.sign(_of(request, item), secrets).body) for item in _items(request, names)]
        return request._replace(body=json_bytes.dump(put(read_json(request.body), names, signed)))

    return replace(scheme, prove=prove, sign=sign)


def _of(request: Inbound, item: object) -> Inbound:
    return request._replace(body=json_bytes.dump(item))


def _items(request: Inbound, names: list[str]) -> list[object]:
    items = find(read_json(request.body), names)
    if not isinstance(items, list) or not items:
        raise Rejected(Reason.MISSING_PROOF, "the body holds no list of items that carry a proof")
    if len(items) > MAX_ITEMS:
        raise Rejected(Reason.MALFORMED_PROOF, f"the body holds more than {MAX_ITEMS} items")
    return items
