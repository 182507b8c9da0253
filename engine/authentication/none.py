"""The scheme ``none``: everybody who knows the address may send. It has to be written out, with the reason."""

from typing import Literal

from pydantic import Field

from engine.authentication.scheme import TIMELESS, Scheme, unsigned
from engine.authentication.spec import Spec


class NoneSpec(Spec):
    """No proof at all."""

    scheme: Literal["none"]
    #: Why the vendor leaves no better choice; shown wherever the trigger is.
    because: str = Field(min_length=10)
    source: str | None = None

    def compile(self) -> Scheme:
        """Return the scheme."""
        return Scheme((self.scheme,), lambda _, __: TIMELESS, unsigned, because=self.because)
