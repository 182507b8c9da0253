"""The event of docs/expressions.md, which the examples of functions and operators are about."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

NOW = datetime(2026, 11, 21, tzinfo=UTC)
PAGE = (Path(__file__).parents[2] / "docs" / "expressions.md").read_text("utf-8")
SCOPE = {"event": json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])}
