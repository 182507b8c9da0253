"""What hatchling asks when it makes a package of Wink."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MANIFEST = "web/static/manifest.json"


class FrontEnd(BuildHookInterface[Any]):
    """Makes no package without the front end, which git does not keep and pyproject.toml packs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Stop what would make a package without the front end; an editable install has it from the checkout."""
        if version != "editable" and not Path(self.root, MANIFEST).exists():
            raise FileNotFoundError(f"{MANIFEST}: the front end is not built. `python3 dev.py test` builds it")
