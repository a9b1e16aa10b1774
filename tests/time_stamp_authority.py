"""A time-stamp authority (RFC 3161) on loopback: `openssl ts` behind a small web server."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import receivers

CONFIG = """
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
[stamping]
extendedKeyUsage = critical, timeStamping
keyUsage = critical, digitalSignature
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
signer_cert = {folder}/signer.pem
certs = {folder}/ca.pem
signer_key = {folder}/signer.key
signer_digest = sha256
default_policy = 1.2.3.4
digests = sha256
ess_cert_id_alg = sha256
"""


@dataclass
class TimeStampAuthority:
    """A running authority: where it is, and the certificate that its stamps are checked with."""

    url: str
    ca_file: Path
    web: receivers.Receiver


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def make_certificates(folder: Path, name: str = "authority") -> Path:
    """Make an authority's keys and certificates in a folder, and return the root certificate."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is missing: install it (Debian: apt install openssl)")
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "openssl.cnf"
    config.write_text(CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    made = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-config", config)
    root, key = folder / "ca.pem", folder / "ca.key"
    _openssl("req", "-x509", *made, "-days", "3650", "-subj", f"/CN={name}", "-extensions", "root",
             "-keyout", key, "-out", root)  # fmt: skip
    request = folder / "signer.csr"
    _openssl("req", "-new", *made, "-subj", f"/CN={name} signer", "-keyout", folder / "signer.key", "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", root, "-CAkey", key, "-days", "3650", "-extfile", config,
             "-extensions", "stamping", "-out", folder / "signer.pem")  # fmt: skip
    return root


@contextmanager
def running(folder: Path) -> Iterator[TimeStampAuthority]:
    """An authority for the length of the block."""
    root = make_certificates(folder)

    def stamp(handler: receivers.Handler) -> None:
        query, reply = folder / "query.tsq", folder / "reply.tsr"
        query.write_bytes(handler.receiver.requests[-1].body)
        _openssl("ts", "-reply", "-config", folder / "openssl.cnf", "-queryfile", query, "-out", reply)
        handler.receiver.body = reply.read_bytes()
        handler.respond()

    with receivers.receiver(headers={"Content-Type": "application/timestamp-reply"}, behave=stamp) as web:
        yield TimeStampAuthority(f"{web.url}/stamp", root, web)
