"""Ssh targets for commands: allowed and withdrawn by an administrator."""

import datetime as dt

from incident.actions.unit_of_work import IdempotentRequest, retry_on_conflict, transaction
from incident.core.playbooks.ssh_target import fingerprint, read_host_keys, require_host, require_port, require_user
from incident.core.values.faults import RuleError
from incident.core.values.text import require_name
from incident.store.db.database import db
from incident.store.playbooks.ssh_targets import AllowedTarget, targets_at

SECRET_NAME_LIMIT = 200


def allow_target(
    host: str,
    port: int,
    user: str,
    secret_name: str,
    host_key: str,
    by: str,
    now: dt.datetime,
    idempotency: IdempotentRequest | None = None,
) -> AllowedTarget:
    """Allow commands on a host by ssh.

    Args:
        host: its name or address, as playbooks write it.
        port: its TCP port.
        user: the user name for the connection.
        secret_name: the name of the private key, stored now or later.
        host_key: its public host keys, as in a `.pub` file or as `ssh-keyscan` prints them.
        by: who allows it.
        now: when (UTC).
        idempotency: the caller's key, under which the same request gets the same response.

    Raises:
        RuleError: `target.host_malformed`, `target.port_malformed`, `target.user_malformed`,
            `target.host_key_malformed` (invalid), `target.exists` (conflict).
    """
    facts = {
        "host": require_host(host),
        "port": require_port(port),
        "user": require_user(user),
        "secret_name": require_name(secret_name, SECRET_NAME_LIMIT, "/key_secret"),
        "host_keys": list(read_host_keys(host_key)),
    }

    def use_case() -> AllowedTarget:
        with transaction(by, now, idempotency) as uow:
            if any(one.user == user for one in targets_at(str(facts["host"]), port)):
                raise RuleError("target.exists", {"host": facts["host"], "user": user}, kind="conflict")
            row = AllowedTarget(**facts, allowed_at=now, allowed_by=by)
            db.session.add(row)
            db.session.flush()
            uow.record("target.allowed", f"target:{row.id}", target_facts(row))
            uow.store_response(row)
        return row

    return retry_on_conflict(use_case)


def withdraw_target(target_id: int, by: str, now: dt.datetime) -> None:
    """Forbid further commands on a target; running ones continue.

    Raises:
        RuleError: `target.unknown` (not found).
    """
    with transaction(by, now) as uow:
        row = db.session.get(AllowedTarget, target_id)
        if row is None:
            raise RuleError("target.unknown", {"id": target_id}, kind="not_found")
        uow.record("target.withdrawn", f"target:{row.id}", target_facts(row))
        db.session.delete(row)


def target_facts(row: AllowedTarget) -> dict[str, object]:
    """Return the description of a target for the journal; host keys by their fingerprints."""
    return {
        "host": row.host,
        "port": row.port,
        "user": row.user,
        "key_secret": row.secret_name,
        "host_keys": [fingerprint(key) for key in row.host_keys],
    }
