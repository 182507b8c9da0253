"""Prove the sender: bytes in, a proof or a refusal out. Pure; no I/O, no clock of its own.

A *way* is what a trigger was set up with; it is made of *schemes*, all of which must pass. ``request.py`` is what
they look at, ``places.py`` where in it a value stands, ``secret.py`` what a secret looks like; then a file a scheme.
"""
