"""ssh and bash commands on a real sshd."""

import base64
import os
import socket
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from incident.core.playbooks.ssh_target import SshTarget, read_host_keys
from incident.executors import Command, CommandResult, ExecutorContext
from incident.executors.ssh import SshExecutor, make_bash, make_ssh
from incident.executors.ssh_session import SessionFailed, scan_host_key
from incident.outgoing import Outgoing
from tests.plugins.ssh_server import SshServer
from tests.receivers import closed_port, talker
from tests.stories.served import wait_until

OUT = ("__exit_status__", "__stdout__", "__stderr__")


def means(*targets: SshTarget) -> ExecutorContext:
    def there(host: str, port: int) -> Sequence[SshTarget]:
        return [one for one in targets if (one.host, one.port) == (host, port)]

    return ExecutorContext(Outgoing(), lambda name, place: "", there)


def execute(server: SshServer, command: str, kind: str = "ssh", **more: Any) -> CommandResult:
    target = more.pop("target", server.target())
    executor = SshExecutor(kind, means(*([target] if target else [])))
    given = {"out": OUT, "targets": (server.definition(),), "body": {"type": kind, "command": command}} | more
    return executor.execute(Command(kind=kind, **given))


def test_a_command_that_succeeds_gives_its_status_and_what_it_wrote(ssh_server: SshServer) -> None:
    ended = execute(ssh_server, "echo out; echo err >&2")
    assert ended.outcome == "succeeded"
    assert ended.variables == {"__exit_status__": "0", "__stdout__": "out", "__stderr__": "err"}
    assert ended.detail == f"ssh {ssh_server.user}@127.0.0.1: exit status 0"


def test_an_exit_status_other_than_0_fails_the_step(ssh_server: SshServer) -> None:
    ended = execute(ssh_server, "echo half; exit 3")
    assert (ended.outcome, ended.variables["__exit_status__"], ended.variables["__stdout__"]) == ("failed", "3", "half")


def test_a_signal_fails_the_step_without_a_status(ssh_server: SshServer) -> None:
    ended = execute(ssh_server, "kill -9 $$")
    assert (ended.outcome, "__exit_status__" in ended.variables) == ("failed", False)
    assert "ended by signal KILL" in ended.detail


def test_members_of_json_on_the_output_become_variables_when_declared(ssh_server: SshServer) -> None:
    ended = execute(ssh_server, """echo '{"rules": 3, "host": "网关"}'""", out=("__rules__", "__host__", "__more__"))
    assert ended.variables == {"__rules__": "3", "__host__": "网关"}
    assert ended.detail.endswith("not in the answer: __more__")


def test_a_bash_script_is_read_by_bash_as_it_is_written(ssh_server: SshServer) -> None:
    script = 'set -o pipefail\nwords=(it"\'"s \'two words\' $HOME_OF_NOBODY)\nfalse | echo "${#words[@]} ${words[1]}"'
    ended = execute(ssh_server, script, kind="bash")
    assert (ended.variables["__exit_status__"], ended.variables["__stdout__"]) == ("1", "2 two words")


def test_an_encoded_command_is_decoded(ssh_server: SshServer) -> None:
    body = {"type": "ssh", "command_b64": base64.b64encode("echo 解码".encode()).decode()}
    assert execute(ssh_server, "", body=body).variables["__stdout__"] == "解码"


def test_a_command_that_hangs_is_told_to_stop_when_its_time_is_over(ssh_server: SshServer) -> None:
    file = ssh_server.folder / "pid"
    began = time.monotonic()
    ended = execute(ssh_server, f"echo $$ > {file}; exec sleep 20", kind="bash", limit=1.0)
    assert ended.outcome == "failed"
    assert ended.detail.endswith("no end within 1 s; it was told to stop")
    assert time.monotonic() - began < 5
    if os.geteuid() == 0:  # sshd does not pass signals on to sessions of root; it confirms the request
        wait_until(lambda: "session_signal_req" in (ssh_server.folder / "log").read_text(), 5, "sshd was asked")
    else:
        wait_until(lambda: not Path(f"/proc/{file.read_text().strip()}").exists(), 5, "the command is gone")


def test_five_megabytes_of_output_are_cut_and_said_so(ssh_server: SshServer) -> None:
    ended = execute(ssh_server, "head -c 5242880 /dev/zero | tr '\\0' x; head -c 2000000 /dev/zero | tr '\\0' y >&2")
    assert ended.outcome == "succeeded"
    assert [len(ended.variables[name]) for name in OUT[1:]] == [1 << 20, 1 << 20]
    assert ended.detail.endswith("exit status 0, stdout and stderr cut at 1 MiB")


def test_what_no_database_takes_is_replaced(ssh_server: SshServer) -> None:
    assert execute(ssh_server, "printf 'a\\000b\\377c'").variables["__stdout__"] == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("kind", ["the same kind", "another kind"])
def test_a_server_with_another_host_key_gets_nothing(ssh_server: SshServer, kind: str) -> None:
    other = RSA if kind == "another kind" else (ssh_server.folder / "stranger.pub").read_text()
    file = ssh_server.folder / "written"
    ended = execute(ssh_server, f"touch {file}", target=ssh_server.target(host_keys=read_host_keys(other)))
    assert (ended.outcome, file.exists()) == ("failed", False)
    assert ended.detail.endswith("the server shows another host key than the pinned one; nothing was sent")


def test_any_of_several_pinned_keys_will_do(ssh_server: SshServer) -> None:
    keys = read_host_keys(f"{RSA}\n{ssh_server.host_key}")
    assert execute(ssh_server, "true", target=ssh_server.target(host_keys=keys)).outcome == "succeeded"


def test_a_key_that_the_server_does_not_know_is_refused(ssh_server: SshServer) -> None:
    stranger = (ssh_server.folder / "stranger").read_text()
    ended = execute(ssh_server, "true", target=ssh_server.target(key=stranger))
    assert ended.detail.endswith("the server does not take the key")


@pytest.mark.parametrize(
    "key", ["nonsense", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----"]
)
def test_a_deposited_text_that_is_no_key_fails_before_anything_is_asked(ssh_server: SshServer, key: str) -> None:
    ended = execute(ssh_server, "true", target=ssh_server.target(key=key))
    assert ended.detail.endswith("the deposited key is no private key without passphrase")


def test_without_a_deposited_key_nothing_is_asked(ssh_server: SshServer) -> None:
    ended = execute(ssh_server, "true", target=ssh_server.target(key=None))
    assert (ended.outcome, ended.detail.partition("no key")[1]) == ("failed", "no key")


def test_a_place_that_nobody_allowed_is_not_asked(ssh_server: SshServer) -> None:
    ended = execute(ssh_server, "true", target=None)
    assert ended.detail == "gate is not allowed for ssh: incident target allow HOST"


def test_a_user_whom_nobody_allowed_is_not_signed_in_as(ssh_server: SshServer) -> None:
    info = {"type": "user-auth", "username": "mallory"}
    ended = execute(ssh_server, "true", authentication={"ssh--1": info})
    assert "is not allowed" in ended.detail


def test_each_target_in_turn_until_one_fails(ssh_server: SshServer) -> None:
    places = (ssh_server.definition(), ssh_server.definition(name="other", address={"ipv4": ["127.0.0.9"]}))
    ended = execute(ssh_server, "echo first", targets=places)
    assert (ended.outcome, ended.variables["__stdout__"]) == ("failed", "first")
    assert "other is not allowed" in ended.detail


def test_a_server_that_is_not_there_or_never_speaks_fails(ssh_server: SshServer) -> None:
    port = closed_port()
    gone = ssh_server.target(port=port)
    definition = ssh_server.definition(port=str(port))
    assert "no connection" in execute(ssh_server, "true", target=gone, targets=(definition,)).detail

    def say_nothing(_connection: socket.socket, is_over: threading.Event) -> None:
        is_over.wait(10)

    with talker(say_nothing) as silent:
        mute, definition = ssh_server.target(port=silent), ssh_server.definition(port=str(silent))
        ended = execute(ssh_server, "true", target=mute, targets=(definition,), limit=0.5)
    assert (ended.outcome, "within" in ended.detail) == ("failed", True)


def test_nothing_is_begun_when_the_time_of_the_step_is_over(ssh_server: SshServer) -> None:
    assert "not begun" in execute(ssh_server, "true", limit=0.0).detail


def test_the_key_stands_in_nothing_that_is_told(ssh_server: SshServer) -> None:
    assert ssh_server.key.splitlines()[1] not in repr(ssh_server.target())


def test_no_command_by_ssh_may_be_sent_again() -> None:
    command = Command(kind="ssh", body={"command": "true"})
    assert [make(means()).is_repeatable(command) for make in (make_ssh, make_bash)] == [False, False]


def test_the_host_key_of_a_server_is_scanned(ssh_server: SshServer) -> None:
    assert read_host_keys(scan_host_key("127.0.0.1", ssh_server.port)) == (ssh_server.host_key,)
    with pytest.raises(SessionFailed, match="shows no host key"):
        scan_host_key("127.0.0.1", closed_port())


RSA = (
    "ssh-rsa "
    "AAAAB3NzaC1yc2EAAAADAQABAAABAQCq91uWm8KAZ5rDxuyV9RvY60p7loT1Y2C9TA1SAlCqVrdIQQjYBaKtBSaGKr+GhQk91gTe"
    "txRG5ApBdELuzoTxvQmAHtd5lQ7WtwJfs6tYzFD3crhzVojUdM5vsv9Llm3kSz2dz+clsnAaRzbcujt+CgilW82OnLvLTfbvLVY/"
    "teBVmxwMLE0STsoxd4H6OJFJwS8tVzOeyi0fDhbfmlrXTIa8yez3HqBW4xRIQ59mcH1WF0rRjrLSt3OPIJ1STuINcoh9PyUwR3gY"
    "frdjMvlcohCJ+3ePDUnaJFK9sFW5bcpwRnJniTqqwtvqx6oE+abk0NHrMytHFDKs6muXBum5"
)
