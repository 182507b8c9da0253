"""Import what is not always needed when it is asked for: the one place of Wink that imports late.

The database, the compilers and the server take more than a second to import, and ``wink --help`` needs none of them.
"""

import gc
from importlib import import_module
from typing import Any


def load(place: str) -> Any:  # noqa: ANN401 - whatever stands there
    """Return what ``module:name`` names."""
    module, _, name = place.partition(":")
    gc.disable()  # modules stay: looking again and again for what of them may go is a tenth of the time
    try:
        return getattr(import_module(module), name)
    finally:
        gc.enable()
