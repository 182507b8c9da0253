"""The outside world: every call that leaves Wink, and the actions that steps use."""
