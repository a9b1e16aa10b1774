"""The file of a backup: a ZIP archive with one file of rows per table, and a manifest.

`tables/NAME.jsonl` holds one row per line, as a JSON array in the order of the manifest's columns. `keys/` and
`files/` hold files of the home unchanged. `manifest.json` is written last, so a truncated file has none.
docs/backup.md describes all of it.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Any, Final, Self

FORMAT: Final = "incident-backup"
VERSION: Final = 1
"""The version of the format; a newer one is refused."""

MANIFEST: Final = "manifest.json"
COMPRESSION: Final = 4
"""From 1 (quick) to 9 (small): above this level a backup takes longer and hardly gets smaller."""

LINE_LIMIT: Final = 1 << 28
"""Limit (bytes) of one row; a longer one is invalid."""

_UNREADABLE: Final = (
    KeyError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
)
"""Exceptions of the library for a damaged archive."""

Row = Sequence[Any]

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class BackupError(Exception):
    """A file that is no backup, is damaged, or cannot be used here; the text gives the remedy."""


class BackupWriter:
    """Writes a backup.

    Args:
        file: where to; it need not be seekable.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION)
        self._hashes: dict[str, str] = {}
        self._tables: list[dict[str, Any]] = []
        self.rows: dict[str, int] = {}
        """How many rows of each table were written."""

    @contextmanager
    def table(self, name: str, columns: Mapping[str, str]) -> Iterator[Callable[[Row], None]]:
        """Write the rows of a table: yields what adds a row, given as values of JSON.

        Args:
            name: the table's name.
            columns: the kind of each column by its name, in the order of the values.
        """
        count = 0
        digest = hashlib.sha256()
        path = _table_path(name)
        with self._archive.open(path, "w", force_zip64=True) as member:

            def add(row: Row) -> None:
                nonlocal count
                line = _encode(row).encode() + b"\n"
                member.write(line)
                digest.update(line)
                count += 1

            yield add
        self._hashes[path] = digest.hexdigest()
        self.rows[name] = count
        self._tables.append({"name": name, "columns": dict(columns), "rows": count})

    def file(self, path: str, content: bytes) -> None:
        """Write a file, such as `keys/keys.json`."""
        self._archive.writestr(path, content)
        self._hashes[path] = hashlib.sha256(content).hexdigest()

    def copy(self, path: str, source: Path) -> None:
        """Write a file of any size from a file on disk."""
        digest = hashlib.sha256()
        with source.open("rb") as file, self._archive.open(path, "w", force_zip64=True) as member:
            while piece := file.read(1 << 20):
                member.write(piece)
                digest.update(piece)
        self._hashes[path] = digest.hexdigest()

    def abandon(self) -> None:
        """Stop writing: the archive stays incomplete, and the caller must delete its file."""
        self._archive.fp = None

    def finish(self, about: Mapping[str, Any]) -> None:
        """Write the manifest and end the archive.

        Args:
            about: values of JSON that describe what the backup is of.
        """
        manifest = {"format": FORMAT, "version": VERSION, **about, "tables": self._tables, "sha256": self._hashes}
        self._archive.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))
        self._archive.close()


class BackupReader:
    """Reads a backup.

    Args:
        path: its file.

    Raises:
        BackupError: when it is no backup, is incomplete, or is of a newer format.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            self._archive = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, EOFError):
            raise BackupError(f"{path} is no backup, or was cut off.") from None
        except OSError as error:
            raise BackupError(f"{path} cannot be read: {error.strerror}.") from None
        try:
            self.manifest: Mapping[str, Any] = _manifest(self._archive, path)
        except BaseException:
            self._archive.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._archive.close()

    @property
    def tables(self) -> Mapping[str, Mapping[str, str]]:
        """The columns of each table with their kinds, in the order in which tables must be written."""
        return {one["name"]: one["columns"] for one in self.manifest["tables"]}

    @property
    def files(self) -> list[str]:
        """The paths of all files that are no tables, `keys/...` or `files/...`."""
        return [path for path in self.manifest["sha256"] if not path.startswith("tables/")]

    def count(self, table: str) -> int:
        """Return the number of rows of a table in the manifest."""
        return next((int(one["rows"]) for one in self.manifest["tables"] if one["name"] == table), 0)

    def rows(self, table: str) -> Iterator[list[Any]]:
        """Yield the rows of a table; at the end they are compared with the manifest.

        Raises:
            BackupError: when they differ from what was written.
        """
        path, count, width = _table_path(table), 0, len(self.tables[table])
        for line in self._lines(path):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                row = None
            if not isinstance(row, list) or len(row) != width:
                raise BackupError(f"The backup is damaged: line {count + 1} of {path} is no row of the table.")
            count += 1
            yield row
        if count != self.count(table):
            raise BackupError(f"The backup is damaged: {path} has {count} rows instead of {self.count(table)}.")

    def read(self, path: str) -> bytes:
        """Return the content of a file.

        Raises:
            BackupError: when it differs from what was written.
        """
        return b"".join(self._pieces(path, lambda member: member.read(1 << 20)))

    def pieces(self, path: str) -> Iterator[bytes]:
        """Yield the content of a file of any size in pieces; see `read`."""
        return self._pieces(path, lambda member: member.read(1 << 20))

    def _lines(self, path: str) -> Iterator[bytes]:
        return self._pieces(path, lambda member: member.readline(LINE_LIMIT))

    def _pieces(self, path: str, take: Callable[[IO[bytes]], bytes]) -> Iterator[bytes]:
        digest = hashlib.sha256()
        try:
            with self._archive.open(path) as member:
                while piece := take(member):
                    digest.update(piece)
                    yield piece
        except _UNREADABLE as error:
            raise BackupError(f"The backup is damaged: {path} cannot be read ({type(error).__name__}).") from None
        if digest.hexdigest() != self.manifest["sha256"][path]:
            raise BackupError(f"The backup is damaged: {path} is not what was written.")


def _table_path(name: str) -> str:
    return f"tables/{name}.jsonl"


def _manifest(archive: zipfile.ZipFile, path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(archive.read(MANIFEST))
        is_ours = found["format"] == FORMAT
        version = int(found["version"])
    except (TypeError, RecursionError, *_UNREADABLE):
        raise BackupError(f"{path} is no backup, or is damaged: it has no readable {MANIFEST}.") from None
    if not is_ours:
        raise BackupError(f"{path} is no backup of this program.")
    if version > VERSION:
        raise BackupError(f"{path} was made by a newer version: install that version, or a later one.")
    _refuse_malformed(found, path)
    made: Mapping[str, Any] = found
    return made


def _refuse_malformed(manifest: Mapping[str, Any], path: Path) -> None:
    """Refuse a manifest that does not describe a backup, or names files outside the home."""
    try:
        is_good = all(
            isinstance(one["name"], str) and isinstance(one["columns"], dict) and isinstance(one["rows"], int)
            for one in manifest["tables"]
        )
        is_good &= {_table_path(one["name"]) for one in manifest["tables"]} <= set(manifest["sha256"])
        is_good &= all(map(_is_inside, manifest["sha256"]))
        is_good &= isinstance(manifest["journal"]["head"], str) and isinstance(manifest["schema"], str)
    except (KeyError, TypeError, AttributeError):
        is_good = False
    if not is_good:
        raise BackupError(f"{path} is damaged: its {MANIFEST} does not describe a backup.")


def _is_inside(path: str) -> bool:
    parts = PurePosixPath(path).parts
    is_plain = len(parts) > 1 and parts[0] in {"tables", "keys", "files"} and "\\" not in path and "\0" not in path
    return is_plain and not {"..", "."} & set(parts) and str(PurePosixPath(path)) == path
