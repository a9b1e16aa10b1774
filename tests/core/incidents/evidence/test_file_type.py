"""The type of a file is found by its content."""

import pytest

from incident.core.incidents.evidence.file_type import (
    HEAD,
    SIGNATURES,
    TYPE_WORDS,
    UNKNOWN,
    is_disguised,
    media_type_of,
)


@pytest.mark.parametrize(
    ("head", "media"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"MZ\x90\x00", "application/vnd.microsoft.portable-executable"),
        (b"PK\x03\x04", "application/zip"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"\x00" * 257 + b"ustar\x0000", "application/x-tar"),
        (b"  <!DOCTYPE html><script>", "text/html"),
        (b"\xef\xbb\xbf<svg onload=alert(1)>", "image/svg+xml"),
        ("事件日志\n".encode(), "text/plain"),
        ("é".encode() * 2048, "text/plain"),
        (b"x" + "é".encode() * 2048, "text/plain"),
        (b"abc\x00def", UNKNOWN),
        (b"\xff\xfea\x00", "text/plain"),
        (b"caf\xe9", UNKNOWN),
    ],
)
def test_a_type_is_found_by_the_first_bytes(head: bytes, media: str) -> None:
    assert media_type_of(head[:HEAD]) == media


def test_every_type_has_words() -> None:
    assert {one.media for one in SIGNATURES} <= set(TYPE_WORDS)


@pytest.mark.parametrize(
    ("name", "media", "lies"),
    [
        ("invoice.pdf", "application/vnd.microsoft.portable-executable", True),
        ("invoice.pdf", "application/pdf", False),
        ("photo.JPG", "text/html", True),
        ("report.docx", "application/zip", False),
        ("memory.dmp", UNKNOWN, False),
        ("README", "application/x-elf", False),
    ],
)
def test_a_name_that_says_another_type_is_a_disguise(name: str, media: str, lies: bool) -> None:
    assert is_disguised(name, media) is lies
