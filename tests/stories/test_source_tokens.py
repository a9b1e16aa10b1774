"""A token in an address is in no log of the real server, whatever becomes of the request."""

import socket
from pathlib import Path

from tests.stories.served import Served

ALARM = {"id": "door-7", "text": "Door 7 is open"}
MAPPING = {"version": 1, "variants": [{"name": "alarm", "title": "{/text}", "fingerprint": "/id"}]}


def _answer(served: Served, head: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        received = b""
        while piece := connection.recv(65536):
            received += piece
        return received


def test_a_token_in_an_address_is_in_no_log(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    served = Served(home)
    served.log = tmp_path / "log"
    boss = {"Authorization": f"Bearer {served.token()}"}
    served.start()
    try:
        api = f"{served.url}/api/v1"
        assert served.session.put(f"{api}/sources/doors", json={"mapping": MAPPING}, headers=boss).status_code == 201
        made = served.session.post(f"{api}/sources/doors/tokens", json={"name": "gateway"}, headers=boss)
        secret = made.json()["token"]
        address = f"{api}/alerts/doors/{secret}"
        assert served.session.post(address, json=ALARM).status_code == 202
        assert served.session.get(address).status_code == 404
        assert served.session.post(f"{address}x", json=ALARM).status_code == 401
        assert served.session.post(address, data=b"\xff").status_code == 400
        assert served.session.post(f"{api}/alerts/windows/{secret}", json=ALARM).status_code == 403
        path = f"/api/v1/alerts/doors/{secret}".encode()
        for line in (
            b"POST " + path + b" HTTP/9.9",
            b"POST " + path + b"\x01 HTTP/1.1",
            b"POST  " + path,
            b"P@ST " + path,
        ):
            answer = _answer(served, line + b"\r\nHost: x\r\n\r\n")
            assert secret.encode() not in answer, line
        metrics = served.session.get(f"{served.url}/metrics", headers=boss)
        assert secret not in metrics.text
    finally:
        served.stop()
    written = served.log.read_text(errors="replace")
    assert "a token was refused" in written, "the log was read"
    assert secret not in written
    journal = served.run("journal", "export", str(tmp_path / "journal.jsonl"))
    assert secret not in journal.stdout + journal.stderr
