"""What several processes on one database have in common, as in the tests of hosts."""

from tests.hosts.conftest import common

__all__ = ["common"]
