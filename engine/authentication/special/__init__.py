"""Proofs that no manifest can state: a file a vendor, and the only Python that may name one."""

from collections.abc import Callable, Mapping

from engine.authentication.scheme import Scheme
from engine.authentication.special import aws_sns, paypal

#: By the word after ``special:``.
SPECIAL: Mapping[str, Callable[[], Scheme]] = {
    "aws-sns": aws_sns.compile_scheme,
    "paypal": paypal.compile_scheme,
}
