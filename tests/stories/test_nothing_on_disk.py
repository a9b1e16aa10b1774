"""After the story of a report, nothing on the disk says who reported: database, log, journal, messages, backup."""

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.served import Served, wait_until

pytestmark = pytest.mark.slow

CONTACT = {
    "name": "Zqouyang Mingyue",
    "phone": "13987654321",
    "email": "zqming@yue.example",
    "address": "7 Zqlantern Lane",
}
PASSAGE = "Zqshangguan Wenjuan"
TEXT = f"The deputy took an envelope, ask {PASSAGE} of the night shift, call 13712345678"
SEALED_TEXT = "The chief Zqbribe took a car"
MESSAGE = "meet me at Zqpier seven"


def forms(secret: str) -> list[bytes]:
    """A secret as it might be kept: plain, in lower case, Base64, hexadecimal, and its SHA-256 in each of them."""
    plain = secret.encode()
    whole = [plain, plain.lower(), hashlib.sha256(plain).digest()]
    coded = [form for one in whole for form in (base64.b64encode(one).rstrip(b"=")[:-1], one.hex().encode())]
    return [*whole, *coded]


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The content of every file, and of every member of the backup."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield from ((f"{path.name}/{name}", archive.read(name)) for name in archive.namelist())


def test_after_the_story_of_a_report_nothing_on_the_disk_says_who_reported(tmp_path: Path) -> None:
    served = Served(tmp_path / "home")
    served.log = tmp_path / "log"
    token, secrets = served.token("responder"), [*CONTACT.values(), PASSAGE, "13712345678", SEALED_TEXT, MESSAGE]
    with served.serving():
        submitted = served.session.post(
            f"{served.url}/api/v1/reports", json={"text": TEXT, "contact": CONTACT, "kind": "tip"}, timeout=30
        ).json()
        receipt = submitted["receipt"]
        protected = {"text": SEALED_TEXT, "protection": "protected"}
        assert served.session.post(f"{served.url}/api/v1/reports", json=protected, timeout=30).status_code == 201
        written = {"receipt": receipt, "text": f"{MESSAGE}, {PASSAGE} is afraid"}
        assert served.session.post(f"{served.url}/api/v1/receipts/messages", json=written, timeout=30).ok
        assert PASSAGE in served.call("GET", "/reports/1", token).json()["text"]
        assert served.call("POST", "/reports/1/messages", token, {"text": "thank you"}).ok
        made = served.call("POST", "/incidents", token, {"title": "Bribery", "reports": [1, 2]})
        assert made.ok, made.text
        sealed = served.call("POST", "/reports/1/passages", token, {"text": PASSAGE})
        assert (sealed.status_code, sealed.json()["incidents"]) == (201, [])

        def is_erased() -> bool:
            [passage] = served.call("GET", "/reports/1", token).json()["passages"]
            return passage["erased_at"] is not None

        wait_until(is_erased, 40, "the disk is cleared")
        assert served.session.post(f"{served.url}/api/v1/receipts/open", json={"receipt": receipt}, timeout=30).ok
        assert served.run("backup", str(tmp_path / "backup.zip"), "--with-keys").returncode == 0
    assert served.run("journal", "verify").returncode == 0
    wanted = {form: secret for secret in [*secrets, receipt] for form in forms(secret)}
    pattern = re.compile(b"|".join(map(re.escape, wanted)))
    found = {(name, wanted[match[0]]) for name, data in contents(tmp_path) for match in pattern.finditer(data)}
    assert found == set()
    (tmp_path / "proof").write_text(f"the search finds {PASSAGE}")
    assert [name for name, data in contents(tmp_path) if pattern.search(data)] == ["proof"]
