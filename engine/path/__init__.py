"""The durable path: receive, match, run, one step; and the use cases that set it up and look at it."""
