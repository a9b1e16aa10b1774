"""The type of a file by its first bytes, whatever its name and its sender say."""

from typing import Final, NamedTuple

from incident.core.values.marking import N_

HEAD: Final = 4096
"""Bytes of a file that its type is found by."""

TEXT: Final = "text/plain"
UNKNOWN: Final = "application/octet-stream"
PROGRAM: Final = "application/vnd.microsoft.portable-executable"
ZIP: Final = "application/zip"
OFFICE: Final = "application/x-ole-storage"


class FileSignature(NamedTuple):
    """Bytes by which a type is known: where they stand, and the type."""

    media: str
    magic: bytes
    offset: int = 0


SIGNATURES: Final = (
    FileSignature("application/pdf", b"%PDF-"),
    FileSignature("image/png", b"\x89PNG\r\n\x1a\n"),
    FileSignature("image/jpeg", b"\xff\xd8\xff"),
    FileSignature("image/gif", b"GIF8"),
    FileSignature("image/webp", b"WEBP", 8),
    FileSignature("image/tiff", b"II*\x00"),
    FileSignature("image/tiff", b"MM\x00*"),
    FileSignature("image/heic", b"ftypheic", 4),
    FileSignature("video/mp4", b"ftyp", 4),
    FileSignature("video/x-matroska", b"\x1aE\xdf\xa3"),
    FileSignature("audio/mpeg", b"ID3"),
    FileSignature("audio/wav", b"WAVE", 8),
    FileSignature("application/vnd.tcpdump.pcap", b"\xd4\xc3\xb2\xa1"),
    FileSignature("application/vnd.tcpdump.pcap", b"\xa1\xb2\xc3\xd4"),
    FileSignature("application/vnd.tcpdump.pcap", b"\x4d\x3c\xb2\xa1"),
    FileSignature("application/x-pcapng", b"\x0a\x0d\x0d\x0a"),
    FileSignature("application/x-evtx", b"ElfFile\x00"),
    FileSignature("application/x-registry-hive", b"regf"),
    FileSignature("application/x-sqlite3", b"SQLite format 3\x00"),
    FileSignature("application/x-elf", b"\x7fELF"),
    FileSignature("application/x-mach-binary", b"\xcf\xfa\xed\xfe"),
    FileSignature("application/x-mach-binary", b"\xca\xfe\xba\xbe"),
    FileSignature("application/x-ms-shortcut", b"L\x00\x00\x00\x01\x14\x02\x00"),
    FileSignature(OFFICE, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    FileSignature(ZIP, b"PK\x03\x04"),
    FileSignature(ZIP, b"PK\x05\x06"),
    FileSignature("application/x-7z-compressed", b"7z\xbc\xaf\x27\x1c"),
    FileSignature("application/vnd.rar", b"Rar!\x1a\x07"),
    FileSignature("application/gzip", b"\x1f\x8b"),
    FileSignature("application/x-bzip2", b"BZh"),
    FileSignature("application/x-xz", b"\xfd7zXZ\x00"),
    FileSignature("application/zstd", b"\x28\xb5\x2f\xfd"),
    FileSignature("application/x-tar", b"ustar", 257),
    FileSignature("application/x-iso9660-image", b"conectix"),
    FileSignature("application/x-qcow2", b"QFI\xfb"),
    FileSignature("application/x-vmdk", b"KDMV"),
    FileSignature("application/x-ewf", b"EVF\x09\x0d\x0a\xff\x00"),
    FileSignature("application/rtf", b"{\\rtf"),
    FileSignature("application/x-shellscript", b"#!"),
)
"""In the order in which they are compared."""

MARKUP: Final = (
    ("text/html", (b"<!doctype html", b"<html", b"<head", b"<script", b"<body")),
    ("image/svg+xml", (b"<svg",)),
    ("application/xml", (b"<?xml",)),
)
"""Types of text that programs act on, by how they begin."""

TYPE_WORDS: Final = {
    "application/pdf": N_("PDF document"),
    "image/png": N_("PNG picture"),
    "image/jpeg": N_("JPEG picture"),
    "image/gif": N_("GIF picture"),
    "image/webp": N_("WebP picture"),
    "image/tiff": N_("TIFF picture"),
    "image/heic": N_("HEIC picture"),
    "image/svg+xml": N_("SVG drawing"),
    "video/mp4": N_("MP4 video"),
    "video/x-matroska": N_("Matroska video"),
    "audio/mpeg": N_("MP3 sound"),
    "audio/wav": N_("WAV sound"),
    "application/vnd.tcpdump.pcap": N_("Network capture"),
    "application/x-pcapng": N_("Network capture"),
    "application/x-evtx": N_("Windows event log"),
    "application/x-registry-hive": N_("Windows registry file"),
    "application/x-sqlite3": N_("SQLite database"),
    PROGRAM: N_("Windows program"),
    "application/x-elf": N_("Linux program"),
    "application/x-mach-binary": N_("macOS or Java program"),
    "application/x-ms-shortcut": N_("Windows shortcut"),
    OFFICE: N_("Older Office document or installer"),
    ZIP: N_("ZIP archive or Office document"),
    "application/x-7z-compressed": N_("7-Zip archive"),
    "application/vnd.rar": N_("RAR archive"),
    "application/gzip": N_("Gzip archive"),
    "application/x-bzip2": N_("Bzip2 archive"),
    "application/x-xz": N_("XZ archive"),
    "application/zstd": N_("Zstandard archive"),
    "application/x-tar": N_("Tar archive"),
    "application/x-iso9660-image": N_("Disk image"),
    "application/x-qcow2": N_("Disk image"),
    "application/x-vmdk": N_("Disk image"),
    "application/x-ewf": N_("Forensic disk image"),
    "application/rtf": N_("RTF document"),
    "application/x-shellscript": N_("Script"),
    "text/html": N_("Web page"),
    "application/xml": N_("XML text"),
    TEXT: N_("Text"),
    UNKNOWN: N_("Unknown kind of file"),
}

ENDINGS: Final = {
    "pdf": ("application/pdf",),
    "png": ("image/png",),
    "jpg": ("image/jpeg",),
    "jpeg": ("image/jpeg",),
    "gif": ("image/gif",),
    "webp": ("image/webp",),
    "txt": (TEXT,),
    "log": (TEXT,),
    "csv": (TEXT,),
    "json": (TEXT,),
    "eml": (TEXT,),
    "docx": (ZIP, OFFICE),
    "xlsx": (ZIP, OFFICE),
    "pptx": (ZIP, OFFICE),
    "doc": (OFFICE, ZIP, "application/rtf"),
    "xls": (OFFICE, ZIP),
    "zip": (ZIP,),
    "mp4": ("video/mp4",),
    "mp3": ("audio/mpeg", UNKNOWN),
}
"""What files of an ending are; of other endings nothing is expected."""


def media_type_of(head: bytes) -> str:
    """Return the type of a file by its first bytes (up to `HEAD`)."""
    for one in SIGNATURES:
        if head.startswith(one.magic, one.offset):
            return one.media
    if head.startswith(b"MZ"):
        return PROGRAM
    return _text_type(head)


def _text_type(head: bytes) -> str:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return TEXT
    body = head.removeprefix(b"\xef\xbb\xbf")
    start = body.lstrip()[:64].lower()
    for media, words in MARKUP:
        if start.startswith(words):
            return media
    if any(byte < 9 or 13 < byte < 27 for byte in body):
        return UNKNOWN
    try:
        body.decode()
    except UnicodeDecodeError as error:
        return TEXT if len(head) >= HEAD and error.start > len(body) - 4 else UNKNOWN
    return TEXT


def is_disguised(name: str, media: str) -> bool:
    """Whether the content of a file has another type than the ending of its name says."""
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    return ending in ENDINGS and media not in ENDINGS[ending]
