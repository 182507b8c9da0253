"""The HTTP side of Wink: the hooks that vendors call, the management API, and the server."""
