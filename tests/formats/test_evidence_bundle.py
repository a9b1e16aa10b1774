"""Bundles of evidence: whole and genuine, or refused with the place of the fault."""

import datetime as dt
import hashlib
import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from incident.certifying import CertificateKey
from incident.formats.evidence_bundle import BUNDLE, MANIFEST, member_path, read_bundle, write_bundle

AT = dt.datetime(2026, 11, 30, 9, 0, tzinfo=dt.UTC)
FILES = {member_path(1, "a.eml"): b"one" * 1000, member_path(2, "发票.pdf"): b"MZ"}


@pytest.fixture
def key(tmp_path: Path) -> CertificateKey:
    return CertificateKey.load(tmp_path / "evidence.key")


def manifest(key: CertificateKey, **changed: Any) -> dict[str, Any]:
    files = [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in FILES.items()
    ]
    return key.sign({"type": BUNDLE, "version": 1, "files": files, "removed": []} | changed)


def write(path: Path, document: dict[str, Any], files: dict[str, bytes]) -> Path:
    members = ((name, iter([content[:2], content[2:]])) for name, content in files.items())
    path.write_bytes(b"".join(write_bundle(document, members, AT)))
    return path


def faults(path: Path, key: CertificateKey) -> list[str]:
    return read_bundle(path, key.public)[1]


def test_a_bundle_is_genuine_and_any_program_opens_it(key: CertificateKey, tmp_path: Path) -> None:
    path = write(tmp_path / "x.zip", manifest(key), FILES)
    assert faults(path, key) == []
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [MANIFEST, *FILES]
        assert all(archive.read(name) == content for name, content in FILES.items())


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        (FILES | {member_path(1, "a.eml"): b"two" * 1000}, "is not the file that was exported"),
        (FILES | {member_path(1, "a.eml"): b"one" * 999}, "is not the file that was exported"),
        ({member_path(1, "a.eml"): b"one" * 1000}, "is missing"),
        (FILES | {"evidence/3-more.txt": b"x"}, "is not in the manifest"),
    ],
)
def test_a_file_that_was_changed_left_out_or_added_is_named(
    key: CertificateKey, tmp_path: Path, files: dict[str, bytes], fault: str
) -> None:
    found = faults(write(tmp_path / "x.zip", manifest(key), files), key)
    assert len(found) == 1
    assert found[0].endswith(fault)


def test_a_manifest_that_was_changed_or_is_of_another_kind_is_refused(key: CertificateKey, tmp_path: Path) -> None:
    changed = manifest(key)
    changed["certificate"]["files"].pop()
    other = CertificateKey.load(tmp_path / "other.key")
    for document, fault in (
        (changed, "does not fit"),
        (manifest(other), "another key"),
        (manifest(key, type="certificate of notice"), "no manifest of evidence"),
        (manifest(key, version=2), "known version"),
    ):
        [found] = faults(write(tmp_path / "x.zip", document, FILES), key)
        assert fault in found


def test_an_archive_that_was_cut_off_is_no_whole_one(key: CertificateKey, tmp_path: Path) -> None:
    path = write(tmp_path / "x.zip", manifest(key), FILES)
    whole = path.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        assert faults(path, key) != []


def test_one_changed_byte_anywhere_in_a_file_is_noticed(key: CertificateKey, tmp_path: Path) -> None:
    path = write(tmp_path / "x.zip", manifest(key), FILES)
    whole = bytearray(path.read_bytes())
    for place in range(whole.index(b"oneone"), whole.index(b"oneone") + 3000, 500):
        changed = whole.copy()
        changed[place] ^= 1
        path.write_bytes(changed)
        assert faults(path, key) != []


def packed(document: dict[str, Any], changed: Callable[[zipfile.ZipInfo], None] = lambda entry: None) -> bytes:
    """A bundle that another program has packed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in {"manifest.json": json.dumps(document).encode(), **FILES}.items():
            entry = zipfile.ZipInfo(name)
            changed(entry)
            archive.writestr(entry, content)
    return stream.getvalue()


def link(entry: zipfile.ZipInfo) -> None:
    entry.create_system, entry.external_attr = 3, 0o120777 << 16


def other_name(entry: zipfile.ZipInfo) -> None:
    name = b"../../evil.sh"
    entry.extra = struct.pack("<HHBL", 0x7075, 5 + len(name), 1, zlib.crc32(entry.filename.encode())) + name


def compressed(entry: zipfile.ZipInfo) -> None:
    entry.compress_type = zipfile.ZIP_DEFLATED


@pytest.mark.parametrize(
    ("changed", "fault"),
    [(link, "is not a plain file"), (other_name, "has an extra field"), (compressed, "is compressed")],
)
def test_an_entry_that_another_program_could_read_in_another_way_is_named(
    key: CertificateKey, tmp_path: Path, changed: Callable[[zipfile.ZipInfo], None], fault: str
) -> None:
    path = tmp_path / "bundle.zip"
    path.write_bytes(packed(manifest(key)))
    assert not faults(path, key)
    path.write_bytes(packed(manifest(key), changed))
    assert any(fault in one for one in faults(path, key))


def test_bytes_that_belong_to_no_entry_are_named(key: CertificateKey, tmp_path: Path) -> None:
    path = write(tmp_path / "bundle.zip", manifest(key), FILES)
    genuine = path.read_bytes()
    hidden = packed(manifest(key)).partition(b"PK\x01\x02")[0]
    end = genuine.rindex(b"PK\x05\x06")
    for forged in (
        b"#!/bin/sh\n" + genuine,
        hidden + genuine,
        genuine[:-2] + b"\x05\x00there",
        genuine[:end] + b"1234" + genuine[end:],
    ):
        path.write_bytes(forged)
        assert faults(path, key)


def test_a_manifest_that_names_something_twice_is_refused(key: CertificateKey, tmp_path: Path) -> None:
    document = manifest(key)
    forged = json.dumps(document["certificate"] | {"instance": "another"})
    text = f'{{"certificate":{forged},{json.dumps(document)[1:]}'
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("manifest.json", text)
        for name, content in FILES.items():
            archive.writestr(name, content)
    assert "has a name twice" in faults(path, key)[0]
