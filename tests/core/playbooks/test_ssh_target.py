"""Allowed ssh targets."""

import base64
from typing import Any

import pytest

from incident.core.playbooks.endpoint import definitions_of, first_address
from incident.core.playbooks.ssh_target import (
    SshEndpoint,
    SshTarget,
    allowed_target,
    fingerprint,
    read_host_keys,
    require_host,
    require_port,
    require_user,
    ssh_place,
)
from incident.core.values.faults import RuleError

ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF7ApE+mS9L8W5wTQcXLVNjHK6GpcG2TsnGUxWp9jGzn"
OTHER = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGN5Lf0Q5VQXoX1dA1S1gGSO0rBGjwSpRmAXc8VgQ2aL"


def target(host: str = "gate.example", port: int = 22, user: str = "isolate") -> SshTarget:
    return SshTarget(host, port, user, (ED25519,))


@pytest.mark.parametrize(
    ("addresses", "found"),
    [
        ({"ipv6": ["fd00::1"], "ipv4": ["10.0.0.1"], "dname": ["a.example"], "url": ["ssh://b"]}, ("url", "ssh://b")),
        ({"ipv4": ["10.0.0.1", "10.0.0.2"], "dname": ["  "]}, ("ipv4", "10.0.0.1")),
        ({"ipv4": "10.0.0.1"}, ("ipv4", "10.0.0.1")),
        ({"vlan": ["7"], "l2mac": ["00:00:00:00:00:00"]}, None),
        ({}, None),
        ("10.0.0.1", None),
    ],
)
def test_the_first_address_of_a_definition_is_the_one_that_counts(addresses: Any, found: Any) -> None:
    assert first_address({"address": addresses}) == found
    assert first_address({}) is None


def test_without_targets_the_agent_is_the_place() -> None:
    agent, one, other = {"id": "a"}, {"id": "1"}, {"id": "2"}
    assert definitions_of({"agent": agent, "targets": [one, other]}) == (one, other)
    assert definitions_of({"agent": agent, "targets": []}) == (agent,)
    assert definitions_of({"agent": None}) == ()


@pytest.mark.parametrize(
    ("definition", "place"),
    [
        ({"address": {"dname": ["Gate.Example."]}}, SshEndpoint("gate.example", 22)),
        ({"address": {"ipv4": ["10.0.0.1"]}, "port": "2222"}, SshEndpoint("10.0.0.1", 2222)),
        ({"address": {"ipv6": ["FD00:0::1"]}}, SshEndpoint("fd00::1", 22)),
        ({"address": {"url": ["ssh://ops@gate.example:2200/x"]}}, SshEndpoint("gate.example", 2200, "ops")),
        ({"address": {"url": ["gate.example:2200"]}, "port": "22"}, SshEndpoint("gate.example", 22)),
        ({"address": {"url": ["ssh://[fd00::1]"]}}, SshEndpoint("fd00::1", 22)),
        ({"address": {"dname": ["two words"]}}, None),
        ({"address": {"dname": ["gate"]}, "port": "ssh"}, None),
        ({"address": {"dname": ["gate"]}, "port": "70000"}, None),
        ({"address": {"url": ["ssh://[fd00"]}}, None),
        ({"address": {}}, None),
    ],
)
def test_a_definition_names_one_place_or_none(definition: dict[str, Any], place: SshEndpoint | None) -> None:
    assert ssh_place(definition) == place


def test_the_user_is_that_of_the_authentication_info_else_that_of_the_address() -> None:
    definition = {"address": {"url": ["ssh://ops@gate"]}}
    assert ssh_place(definition, {"type": "user-auth", "username": "root"}) == SshEndpoint("gate", 22, "root")
    assert ssh_place(definition, {"type": "user-auth"}) == SshEndpoint("gate", 22, "ops")


def test_only_what_was_allowed_to_the_letter_is_found() -> None:
    known = [target(), target(port=2222), target(user="root", port=2222)]
    assert allowed_target(SshEndpoint("gate.example"), known) == known[0]
    assert allowed_target(SshEndpoint("gate.example", 22, "isolate"), known) == known[0]
    assert allowed_target(SshEndpoint("gate.example", 2222, "root"), known) == known[2]
    # No guess: several users exist, and the playbook names none.
    assert allowed_target(SshEndpoint("gate.example", 2222), known) is None
    assert allowed_target(SshEndpoint("gate.example", 22, "root"), known) is None
    assert allowed_target(SshEndpoint("other.example"), known) is None
    assert allowed_target(None, known) is None


@pytest.mark.parametrize("text", ["", "two words", "-x", "a..b", "x" * 64, "a.example/x", "u@host", "例子"])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(RuleError) as refused:
        require_host(text)
    assert (refused.value.code, refused.value.pointer) == ("target.host_malformed", "/host")


def test_hosts_are_compared_in_one_spelling() -> None:
    spelt = {"GATE.example": "gate.example", "gate.example.": "gate.example", "[FD00::0:1]": "fd00::1", "h_1": "h_1"}
    assert {text: require_host(text) for text in spelt} == spelt


@pytest.mark.parametrize("user", ["", "-oProxyCommand=x", "a b", "a\n", "x" * 65, ".x"])
def test_what_is_no_user_is_refused(user: str) -> None:
    with pytest.raises(RuleError, match="user_malformed"):
        require_user(user)


def test_users_of_domains_and_ports_within_bounds_are_taken() -> None:
    assert [require_user(user) for user in ("isolate", "svc_7", "ops@corp.example", "CORP\\ops")]
    assert [require_port(port) for port in (1, 65535)] == [1, 65535]
    for port in (0, 65536, -1):
        with pytest.raises(RuleError, match="port_malformed"):
            require_port(port)


def test_host_keys_are_read_from_pub_files_and_from_scans() -> None:
    scan = f"# gate.example:22 SSH-2.0-OpenSSH\ngate.example {ED25519}\n\n[gate]:2222,10.0.0.1 {OTHER} note\n"
    assert read_host_keys(scan) == (ED25519, OTHER)
    assert read_host_keys(f"{ED25519} root@gate\n{ED25519}") == (ED25519,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing\n",
        "nonsense",
        "ssh-ed25519",
        "ssh-ed25519 ???",
        "ssh-rsa " + ED25519.split()[1],
        f"{ED25519}\nnonsense here too",
        f"@cert-authority *.example {ED25519}",
        f"@revoked {ED25519}",
        "ssh-dss " + base64.b64encode(b"\x00\x00\x00\x07ssh-dss").decode(),
        f"{ED25519}\n" * 200,
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----",
    ],
)
def test_what_is_no_host_key_is_refused(text: str) -> None:
    with pytest.raises(RuleError) as refused:
        read_host_keys(text)
    assert refused.value.code == "target.host_key_malformed"


def test_the_fingerprint_is_the_one_that_openssh_shows() -> None:
    assert fingerprint(ED25519) == FINGERPRINT
    assert fingerprint(OTHER) != FINGERPRINT


FINGERPRINT = "SHA256:5CVgLDp2Ws7T0gO2XjRwl9S54kyvOTcJjh59YXnIUUI"
