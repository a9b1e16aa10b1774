"""The identity of a machine among those that share a database: a random id and its boot."""

import os
import secrets
import socket
import uuid
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = "node"
NODE = "incident.node"
"""Key of the node in `app.extensions`."""

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
"""Where Linux tells which boot this is."""

ID_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Node:
    """One machine with one home.

    Args:
        home: the random id kept in the home; it stays when the machine is started again.
        boot: which boot of the machine this is; two machines that share a folder differ in it.
        host: the machine's name, for people; several machines may have the same.
    """

    home: str
    boot: str
    host: str

    @property
    def name(self) -> str:
        """What tells this node from all others."""
        return f"{self.home}.{self.boot}"

    def process(self, pid: int) -> str:
        """Return what tells a process of this node from all others."""
        return f"{self.name}:{pid}"


def this_node(home: Path) -> Node:
    """Return the node of a home; its id is made when the home has none yet."""
    return Node(_home_id(home), _boot_id(), socket.gethostname()[:255])


def _home_id(home: Path) -> str:
    """Return the id in the home; if it cannot be stored, one for this process and its children."""
    made = secrets.token_hex(ID_LENGTH // 2)
    draft = home / f"{FILE}.{secrets.token_hex(4)}"
    try:
        with suppress(FileNotFoundError):
            return _read(home / FILE)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(made + "\n")
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was first
            os.link(draft, home / FILE)
        return _read(home / FILE)
    except (OSError, ValueError):
        return made
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _read(path: Path) -> str:
    found = path.read_text("ascii").strip()
    if len(found) != ID_LENGTH or not set(found) <= set("0123456789abcdef"):
        raise ValueError(f"{path} holds no id of a node")
    return found


@cache
def _boot_id() -> str:
    try:
        return uuid.UUID(BOOT_ID.read_text("ascii").strip()).hex
    except (OSError, ValueError):  # no Linux: the hardware's address tells machines apart, if not their boots
        return f"{uuid.getnode():032x}"
