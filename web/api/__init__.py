"""The management API under ``/api/v1``: JSON in, JSON out, errors as problem+json; the use cases are the engine's."""
