"""Runs, targets and exported playbooks on the command line."""

import json
from pathlib import Path
from typing import Any

import pytest

from incident.actions.playbooks import runs
from incident.core.cacao import load, processing_summary
from incident.store.db.database import db
from incident.store.playbooks.runs import Run
from incident.store.playbooks.tasks import Task
from tests.core.cacao.build import action, document, manual
from tests.core.playbooks.test_ssh_target import ED25519, FINGERPRINT
from tests.plugins.ssh_server import SshServer
from tests.receivers import closed_port
from tests.test_cli import Terminal
from tests.world import BY, World, only

ASK = document(
    {
        "ask": action(None, manual("which host?"), on_success="done", on_failure="look", out_args=["__host__"]),
        "look": action("done", manual("look"), timeout=60_000, name="Look"),
        "done": None,
    },
    name="Ask",
    playbook_variables={"__host__": {"type": "string", "value": ""}, "__who__": {"type": "string", "external": True}},
)


@pytest.fixture
def terminal(tmp_path: Path, sqlite_url: str) -> Terminal:
    """A terminal at a home that has been migrated."""
    return Terminal(tmp_path / "home")


@pytest.fixture
def ended(sqlite_world: World, terminal: Terminal) -> Terminal:
    """A terminal at a home in which a run has ended."""
    sqlite_world.playbook(ASK)
    incident = sqlite_world.open()
    runs.start_run(incident.id, ASK["id"], {"__who__": "李伟"}, BY, sqlite_world.now)
    sqlite_world.forward(seconds=5)
    sqlite_world.complete(only(Task).id, "failed", host="web-1")
    sqlite_world.forward(minutes=2)
    sqlite_world.fire()
    assert only(Run).state == "failed"
    return terminal


def test_a_run_is_replayed_turn_by_turn_and_nothing_differs(ended: Terminal) -> None:
    output = ended.good("run", "replay", "1")
    assert f'2026-03-02T01:00:00.000000Z  started {ASK["id"]} with __who__ = "李伟"' in output
    assert "command ended" in output
    assert '__host__ = "web-1"' in output
    assert "failed -> " not in output
    assert "timed_out (time limit passed (ACTION_TIMEOUT))" in output
    assert output.splitlines()[-1] == "No difference: 3 turns reproduce the stored run."


def test_a_replay_is_told_in_the_language_of_the_terminal(ended: Terminal) -> None:
    assert "timed_out (超过时限" in ended.good("run", "replay", "1", LC_ALL="zh_CN.UTF-8")


def test_a_run_that_was_changed_behind_the_journal_is_found(ended: Terminal) -> None:
    row = only(Run)
    row.document = row.document | {"state": "succeeded"}
    db.session.commit()
    result = ended.type("run", "replay", "1")
    assert result.exit_code == 1
    assert 'DIFFERENT state: stored "succeeded", replayed "failed"' in result.stderr


def test_a_run_that_is_not_there_ends_with_two(terminal: Terminal) -> None:
    result = terminal.type("run", "replay", "7")
    assert (result.exit_code, result.stderr) == (2, "error: no run has the ID 7\n")
    assert terminal.type("run", "replay", "seven").exit_code == 2


def test_a_playbook_is_exported_with_its_summary_and_comes_back_the_same(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "ask.json"
    file.write_text(json.dumps(ASK))
    terminal.good("playbook", "add", str(file))
    exported = load(terminal.good("playbook", "export", ASK["id"]), "json")
    assert exported["playbook_processing_summary"] == processing_summary(exported)
    assert load(terminal.good("playbook", "export", ASK["id"], "--yaml", "--verbatim"), "yaml") == ASK
    as_yaml = terminal.good("playbook", "export", ASK["id"], "--yaml")
    assert load(as_yaml, "yaml") == exported
    file.with_suffix(".yaml").write_text(as_yaml)
    terminal.good("playbook", "lint", str(file.with_suffix(".yaml")))


def test_an_export_of_what_is_not_there_or_in_two_forms_ends_with_two(terminal: Terminal) -> None:
    assert terminal.type("playbook", "export", "playbook--x").exit_code == 2
    assert terminal.type("playbook", "export", "playbook--x", "--yaml", "--json").exit_code == 2


@pytest.mark.parametrize("locale", ["en_US.UTF-8", "zh_CN.UTF-8"])
def test_lint_gives_its_hints_in_the_language_of_the_terminal(terminal: Terminal, tmp_path: Path, locale: str) -> None:
    broken: dict[str, Any] = {key: value for key, value in ASK.items() if key not in ("name", "created_by")}
    (tmp_path / "broken.json").write_text(json.dumps(broken))
    result = terminal.type("playbook", "lint", str(tmp_path / "broken.json"), LC_ALL=locale)
    assert result.exit_code == 1
    hints = [line.strip() for line in result.output.splitlines() if line.startswith("    ")]
    assert len(hints) == 2
    has_chinese = [any("\u4e00" <= letter <= "\u9fff" for letter in one) for one in hints]
    assert has_chinese == [locale.startswith("zh")] * 2


def allow(terminal: Terminal, *more: str, given: str = "") -> str:
    words = ("target", "allow", "Gate.example", "--user", "isolate", "--key-secret", "gate-key", *more)
    return terminal.good(*words, given=given)


def test_a_target_is_allowed_listed_and_withdrawn(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "host.pub").write_text(f"{ED25519} root@gate\n")
    line = f"1  isolate@gate.example:22  gate-key  {FINGERPRINT}"
    output = allow(terminal, "--host-key", str(tmp_path / "host.pub"))
    assert output.splitlines() == [
        line,
        "The target has no key yet. Run: incident secret set gate-key --for ssh --file PRIVATE_KEY",
    ]
    assert terminal.good("target", "list") == f"{line}  (has no key)\n"
    (tmp_path / "key").write_text("-----BEGIN\nTWO LINES\n-----END\n")
    terminal.good("secret", "set", "gate-key", "--for", "ssh", "--file", str(tmp_path / "key"))
    assert terminal.good("target", "list") == f"{line}\n"
    terminal.good("target", "withdraw", "1")
    assert terminal.good("target", "list") == ""
    assert terminal.type("target", "withdraw", "1").exit_code == 2


def test_a_host_key_comes_from_a_file_or_from_a_scan_and_not_from_both(terminal: Terminal, tmp_path: Path) -> None:
    words = ("target", "allow", "gate", "--user", "x", "--key-secret", "k")
    assert terminal.type(*words).exit_code == 2
    (tmp_path / "host.pub").write_text("nonsense")
    wrong = terminal.type(*words, "--host-key", str(tmp_path / "host.pub"))
    assert (wrong.exit_code, wrong.stderr.startswith("error: /host_key: ")) == (2, True)
    assert terminal.type(*words, "--scan", "--host-key", str(tmp_path / "host.pub")).exit_code == 2


def test_a_scanned_key_is_shown_and_pinned_only_when_somebody_agrees(terminal: Terminal, ssh_server: SshServer) -> None:
    words = (
        "target",
        "allow",
        "127.0.0.1",
        "--port",
        str(ssh_server.port),
        "--user",
        "x",
        "--key-secret",
        "k",
        "--scan",
    )
    refused = terminal.type(*words, given="n\n")
    assert refused.exit_code == 1
    assert "127.0.0.1 presents ssh-ed25519 SHA256:" in refused.stderr
    assert terminal.good("target", "list") == ""
    terminal.good(*words, given="y\n")
    assert terminal.good("target", "list").startswith(f"1  x@127.0.0.1:{ssh_server.port}  k  SHA256:")


def test_a_scan_of_nobody_ends_with_one(terminal: Terminal) -> None:
    words = ("--port", str(closed_port()), "--user", "x", "--key-secret", "k", "--scan", "--yes")
    assert terminal.type("target", "allow", "127.0.0.1", *words).exit_code == 1


def test_a_secret_of_several_lines_comes_whole(terminal: Terminal, sqlite_world: World) -> None:
    from incident.store.operations.secrets import binding_of, secrets_by_name

    terminal.good("secret", "set", "key", "--for", "ssh", given="one\ntwo\n")
    row = secrets_by_name(["key"])["key"]
    assert sqlite_world.ring.open(row.sealed, binding_of(row)) == "one\ntwo"
