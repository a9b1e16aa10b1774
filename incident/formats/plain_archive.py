"""ZIP archives that contain their entries and nothing else, so that every program finds the same in them.

A signature covers the entries that one reader finds. Another reader may find other ones: in front of the archive, in a
gap between entries, under the name of an extra field, or behind a link. APPNOTE.TXT 6.3.10, sections 4.3 to 4.5.
"""

import stat
import struct
import zipfile
from collections.abc import Iterator
from typing import IO, Final, cast

_LOCAL_HEADER: Final = struct.Struct("<4s22xHH")
_LOCAL_SIGNATURE: Final = b"PK\x03\x04"
_DESCRIPTOR_SIGNATURE: Final = b"PK\x07\x08"
_HAS_DESCRIPTOR: Final = 0x08
_DESCRIPTOR_SIZES: Final = (16, 24)
"""Bytes of the descriptor after a streamed entry, with 4 or 8 bytes for each size."""

_END_SIZE: Final = 22
_ZIP64_END_SIZE: Final = 56 + 20
_ZIP64_EXTRA: Final = 0x0001


def archive_faults(archive: zipfile.ZipFile, size: int) -> list[str]:
    """Return what an archive has besides its entries, and entries that are not plain stored files.

    Args:
        archive: opened to read.
        size: of the file (bytes).
    """
    entries = sorted(archive.infolist(), key=lambda one: one.header_offset)
    faults = [f"{one.filename}: {fault}" for one in entries for fault in _entry_faults(one)]
    if archive.comment:
        faults.append("the archive has a comment")
    return faults or list(_layout_faults(archive, entries, size))


def _entry_faults(entry: zipfile.ZipInfo) -> Iterator[str]:
    if entry.compress_type != zipfile.ZIP_STORED:
        yield "is compressed"
    if stat.S_IFMT(entry.external_attr >> 16) not in (0, stat.S_IFREG):
        yield "is not a plain file"
    if entry.comment:
        yield "has a comment"
    if any(kind != _ZIP64_EXTRA for kind in _extra_kinds(entry.extra)):
        yield "has an extra field"


def _extra_kinds(extra: bytes) -> Iterator[int]:
    """Yield the kinds of extra fields, -1 for bytes that are none."""
    at = 0
    while at < len(extra):
        if at + 4 > len(extra):
            yield -1
            return
        kind, length = struct.unpack_from("<HH", extra, at)
        yield kind
        at += 4 + length


def _layout_faults(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], size: int) -> Iterator[str]:
    """Yield bytes that belong to no entry: entries follow one another from the first byte to the directory."""
    file, at = cast("IO[bytes]", archive.fp), 0
    for one in entries:
        if one.header_offset != at:
            yield f"{one.filename}: unknown bytes stand before it"
            return
        file.seek(at)
        header = file.read(_LOCAL_HEADER.size)
        signature, name_length, extra_length = _LOCAL_HEADER.unpack(header)
        extra = file.read(name_length + extra_length)[name_length:]
        if signature != _LOCAL_SIGNATURE or any(kind != _ZIP64_EXTRA for kind in _extra_kinds(extra)):
            yield f"{one.filename}: has an extra field"
            return
        at += _LOCAL_HEADER.size + name_length + extra_length + one.compress_size
        at += _descriptor_size(file, one, at, _start_after(entries, one, archive.start_dir))
    if at != archive.start_dir:
        yield "unknown bytes stand before the directory"
    directory = sum(46 + len(one.orig_filename.encode()) + len(one.extra) for one in entries)
    ends = (size - archive.start_dir - _END_SIZE, size - archive.start_dir - _END_SIZE - _ZIP64_END_SIZE)
    if directory not in ends:
        yield "unknown bytes stand in or after the directory"


def _start_after(entries: list[zipfile.ZipInfo], entry: zipfile.ZipInfo, end: int) -> int:
    return min((one.header_offset for one in entries if one.header_offset > entry.header_offset), default=end)


def _descriptor_size(file: IO[bytes], entry: zipfile.ZipInfo, at: int, following: int) -> int:
    """Return the bytes of the descriptor after an entry, 0 where there is none."""
    if not entry.flag_bits & _HAS_DESCRIPTOR or following - at not in _DESCRIPTOR_SIZES:
        return 0
    file.seek(at)
    is_one = file.read(4) == _DESCRIPTOR_SIGNATURE and struct.unpack("<L", file.read(4))[0] == entry.CRC
    return following - at if is_one else 0
