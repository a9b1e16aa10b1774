"""Sealed parts of evidence as files of a folder: one folder for each file, one file for each part."""

import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path


def write_part(folder: Path, evidence_id: int, place: int, content: bytes) -> None:
    """Write a part completely or not at all; an older one of the same place is replaced.

    Raises:
        OSError: and nothing of it is left.
    """
    target = _path(folder, evidence_id, place)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = target.with_name(f"{target.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(target)
        _sync(target.parent)
    except BaseException:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def read_part(folder: Path, evidence_id: int, place: int) -> bytes | None:
    """Return a part; None when it is missing. Raises OSError when the folder cannot be read."""
    try:
        return _path(folder, evidence_id, place).read_bytes()
    except FileNotFoundError:
        return None


def remove_folder_parts(folder: Path, evidence_id: int) -> None:
    """Delete all parts of a file; one that cannot be deleted stays, and nobody has its key any more."""
    shutil.rmtree(_path(folder, evidence_id, 0).parent, ignore_errors=True)


def _path(folder: Path, evidence_id: int, place: int) -> Path:
    return folder / f"{evidence_id % 256:02x}" / str(evidence_id) / f"{place:06d}"


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
