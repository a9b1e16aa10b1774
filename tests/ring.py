"""The key ring of the tests: one for all, so that a copied database belongs to it."""

import base64
import json
from pathlib import Path

KEYS = json.dumps({"current": "1", "keys": {"1": base64.b64encode(bytes(range(32))).decode()}})


def put_ring(home: Path, ring: str = KEYS) -> Path:
    """Write a ring into a home, unless it has one; return its path."""
    path = home / "keys.json"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        path.write_text(ring)
        path.chmod(0o600)
    return path
