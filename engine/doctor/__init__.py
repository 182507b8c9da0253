"""Say why a proof failed: which neighbour of the request, of the secret or of the recipe it would have passed with.

Pure, and only ever asked by somebody who looks at a delivery: nothing here stands on the way of a request. What is
looked for is what the signature would be right for; what that signature is, is never told. ``case.py`` is what is asked
and answered, ``marks.py`` what in a request looks like a signature or a time; ``keys.py``, ``bodies.py``,
``addresses.py`` and ``texts.py`` are the neighbours, ``signature.py`` and ``carried.py`` the search.
"""
