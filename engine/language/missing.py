"""What to say of a path that is not there: how far it went, and the nearest path that is."""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Final

from engine.language.values import Path, part_of, path_text, phrase, shorten

#: Values that the search for a near path looks at: a sender's event can have millions.
_MOST_SEEN: Final = 500
#: Keys of one mapping that are compared with a misspelt one, and how much of each is.
_MOST_KEYS: Final = 50
_LONGEST_KEY: Final = 60


def describe_missing(root: object, path: Path) -> str:
    """Say in a sentence why the path has no value.

    root: the mapping that the path's first part is a key of.
    """
    depth, parent = _walk(root, path)
    wanted = path_text(path)
    if depth and not isinstance(parent, Mapping):
        return _describe_stop(parent, path, depth)
    here, last = path[:depth], path[-1]
    near = _find_below(parent, here, last) or _find_alike(parent, path, depth) or _find_below(root, (), last)
    return f"`{wanted}` is not there" + (f"; `{path_text(near)}` is" if near else "")


def _walk(root: object, path: Path) -> tuple[int, object]:
    """Return how many parts of the path are there, and the last value on the way."""
    value = root
    for depth, key in enumerate(path):
        try:
            value = part_of(value, key)
        except (LookupError, TypeError):
            return depth, value
    return len(path), value


def _describe_stop(parent: object, path: Path, depth: int) -> str:
    """Say why a path cannot go on below a value that is no mapping."""
    wanted, here, key = path_text(path), path_text(path[:depth]), path[depth]
    if not isinstance(parent, list | tuple):
        return f"`{wanted}` is not there: `{here}` is {phrase(parent)}"
    if isinstance(key, int):
        return f"`{wanted}` is not there: `{here}` has {len(parent)} items, counted from 0"
    first = path_text((*path[:depth], 0, *path[depth:]))
    return f"`{wanted}` is not there: `{here}` is a list; write `{first}` or a loop"


def _find_below(parent: object, start: Path, last: str | int) -> Path | None:
    """Return the nearest path below a value that ends with the key; start: the value's own path."""
    return next((path for path in islice(_paths(parent, start), _MOST_SEEN) if path[-1:] == (last,)), None)


def _paths(parent: object, start: Path) -> Iterator[Path]:
    """Yield the paths below a value, level by level; of a list only the first item counts."""
    queue: deque[tuple[Path, object]] = deque([(start, parent)])
    while queue:
        path, value = queue.popleft()
        yield path
        queue.extend(((*path, key), below) for key, below in _children(value))


def _children(value: object) -> Iterable[tuple[str | int, object]]:
    if isinstance(value, Mapping):
        return islice(value.items(), _MOST_SEEN)
    return [(0, value[0])] if isinstance(value, list | tuple) and value else []


def _find_alike(parent: object, path: Path, depth: int) -> Path | None:
    """Return the path with its first missing key spelt as one that is there."""
    keys = islice(parent, _MOST_KEYS) if isinstance(parent, Mapping) else ()
    alike = {shorten(str(key), _LONGEST_KEY).lower(): key for key in keys}
    close = get_close_matches(shorten(str(path[depth]), _LONGEST_KEY).lower(), list(alike), 1)
    return (*path[:depth], alike[close[0]]) if close else None
