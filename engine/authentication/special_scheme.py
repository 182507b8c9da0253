"""The scheme ``special:<name>``: a proof that no manifest can state, from :mod:`engine.authentication.special`."""

from typing import Literal

from engine.authentication.scheme import Scheme
from engine.authentication.spec import Spec
from engine.authentication.special import SPECIAL


class SpecialSpec(Spec):
    """A proof that is written in Python."""

    scheme: Literal[tuple(f"special:{name}" for name in SPECIAL)]  # type: ignore[valid-type]  # the schema lists them
    source: str | None = None

    def compile(self) -> Scheme:
        """Return the scheme."""
        return SPECIAL[self.scheme.partition(":")[2]]()
