"""Build hook: compiles the catalogues and puts the folders that lie outside the package into the wheel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.config import BuilderConfig
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = {"migrations": "incident/_shipped/migrations", "playbooks": "incident/_shipped/playbooks"}


class IncidentBuildHook(BuildHookInterface[BuilderConfig]):
    """Runs for wheels; an editable install takes the folders where they are."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Prepare the files; a wheel without its front-end files is refused."""
        root = Path(self.root)
        sys.path.insert(0, str(root))
        from tools import catalogue, vendor

        catalogue.compile_all(root)
        if version == "editable" or self.target_name != "wheel":
            return
        missing = vendor.missing_files(root) or vendor.uncompressed_files(root)
        if missing:
            raise SystemExit(f"front-end files are missing ({', '.join(missing)}): run `make setup` first")
        for folder, place in SHIPPED.items():
            if (root / folder).is_dir():
                build_data["force_include"][str(root / folder)] = place
