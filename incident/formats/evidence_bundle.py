"""The bundle of an incident's evidence: a ZIP archive with the files and a signed manifest.

The manifest comes first, so that a reader knows what must follow; files are stored as they are, because evidence is
mostly packed already. docs/evidence.md describes all of it.
"""

import datetime as dt
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from incident.certifying import NotGenuine, read_signed
from incident.formats.plain_archive import archive_faults

BUNDLE: Final = "evidence.bundle"
"""The member `type` of a manifest, so that no other document of a key is taken for one."""

VERSION: Final = 1
MANIFEST: Final = "manifest.json"
MANIFEST_LIMIT: Final = 64 << 20
"""Bytes of the largest manifest that is read."""

_CHUNK: Final = 1 << 20
_UNREADABLE: Final = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError)


def member_path(evidence_id: int, name: str) -> str:
    """Return where a file is in the archive."""
    return f"evidence/{evidence_id}-{name}"


class _Outflow(io.RawIOBase):
    """Takes what the archive writes, to be sent on; it cannot be rewound."""

    def __init__(self) -> None:
        super().__init__()
        self._held: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._held.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._held = b"".join(self._held), []
        return taken


def write_bundle(
    manifest: Mapping[str, Any], members: Iterable[tuple[str, Iterator[bytes]]], made_at: dt.datetime
) -> Iterator[bytes]:
    """Yield the archive while its files are read.

    Args:
        manifest: signed.
        members: the path and the content of each file, in parts.
        made_at: the time that the archive gives its files (UTC).
    """
    sink = _Outflow()
    date_time = made_at.timetuple()[:6]
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        text = json.dumps(manifest, ensure_ascii=False, indent=1).encode()
        archive.writestr(zipfile.ZipInfo(MANIFEST, date_time), text)
        yield sink.take()
        for path, parts in members:
            with archive.open(zipfile.ZipInfo(path, date_time), "w", force_zip64=True) as member:
                for part in parts:
                    member.write(part)
                    yield sink.take()
    yield sink.take()


def read_bundle(path: Path, key: Ed25519PublicKey) -> tuple[Mapping[str, Any], list[str]]:
    """Verify a bundle with a key that came another way; return its manifest, and what is wrong with it.

    Args:
        path: the archive.
        key: the public key of the instance that has made it.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            content, faults = _read(archive, key)
            return content, faults or archive_faults(archive, path.stat().st_size)
    except _UNREADABLE as error:
        return {}, [f"the archive is damaged or cut off: {error}"]


def _read(archive: zipfile.ZipFile, key: Ed25519PublicKey) -> tuple[Mapping[str, Any], list[str]]:
    names = archive.namelist()
    if names.count(MANIFEST) != 1:
        return {}, [f"it has no single {MANIFEST}"]
    try:
        with archive.open(MANIFEST) as file:
            document = json.loads(file.read(MANIFEST_LIMIT), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        return {}, [f"{MANIFEST} is not JSON, or has a name twice"]
    try:
        content = read_signed(document, key, BUNDLE, "manifest of evidence")
    except NotGenuine as error:
        return {}, [f"{MANIFEST}: {fault}" for fault in error.faults]
    if content.get("version") != VERSION:
        return {}, [f"{MANIFEST} is no manifest of evidence of a known version"]
    listed = {one["path"]: one for one in content["files"]}
    faults = [f"{name}: is not in the manifest" for name in names if name != MANIFEST and name not in listed]
    faults += [f"{name}: is there more than once" for name in listed if names.count(name) > 1]
    for name, one in listed.items():
        faults += [f"{name}: is missing"] if name not in names else _file_faults(archive, name, one)
    return content, faults


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; readers disagree on which of two equal names counts, so it may have none twice."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name is there twice")
    return found


def _file_faults(archive: zipfile.ZipFile, name: str, listed: Mapping[str, Any]) -> list[str]:
    digest, size = hashlib.sha256(), 0
    try:
        with archive.open(name) as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
    except _UNREADABLE as error:
        return [f"{name}: cannot be read: {error}"]
    if (size, digest.hexdigest()) != (listed["size"], listed["sha256"]):
        return [f"{name}: is not the file that was exported"]
    return []
