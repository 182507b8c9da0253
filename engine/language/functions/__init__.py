"""All functions that expressions can call, by name."""

from collections.abc import Mapping
from typing import Final

from engine.language import forms
from engine.language.forms import Form
from engine.language.functions import lists, networks, numbers, texts, times
from engine.language.functions.function import Function

FUNCTIONS: Final[Mapping[str, Function | Form]] = {
    found.name: found
    for module in (texts, lists, numbers, times, networks, forms)
    for found in vars(module).values()
    if isinstance(found, Function | Form)
}
