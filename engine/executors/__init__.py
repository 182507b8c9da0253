"""Where the path runs after the sender has its answer: embedded in the process that receives."""
