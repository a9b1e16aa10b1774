"""Which places commands may be carried out at by ssh: allowed and withdrawn by an administrator."""

import datetime as dt

from incident.actions.unit_of_work import Once, again_on_race, transaction
from incident.core.playbooks.ssh_target import fingerprint, read_host_keys, require_host, require_port, require_user
from incident.core.values.faults import RuleError
from incident.core.values.text import require_text
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
    once: Once | None = None,
) -> AllowedTarget:
    """Allow commands to be carried out on a host by ssh.

    Args:
        host: its name or address, as playbooks write it.
        port: its TCP port.
        user: who signs in there.
        secret_name: under which the private key is deposited, now or later.
        host_key: its public host keys, as in a `.pub` file or as `ssh-keyscan` prints them.
        by: who allows it.
        now: when (UTC).
        once: makes it happen once.

    Raises:
        RuleError: `target.host_malformed`, `target.port_malformed`, `target.user_malformed`,
            `target.host_key_malformed` (invalid), `target.exists` (conflict).
    """
    facts = {
        "host": require_host(host),
        "port": require_port(port),
        "user": require_user(user),
        "secret_name": require_text(secret_name, SECRET_NAME_LIMIT, "/key_secret"),
        "host_keys": list(read_host_keys(host_key)),
    }

    def deed() -> AllowedTarget:
        with transaction(by, now, once) as allowed:
            if any(one.user == user for one in targets_at(str(facts["host"]), port)):
                raise RuleError("target.exists", {"host": facts["host"], "user": user}, kind="conflict")
            row = AllowedTarget(**facts, allowed_at=now, allowed_by=by)
            db.session.add(row)
            db.session.flush()
            allowed.enter("target.allowed", f"target:{row.id}", facts_of(row))
            allowed.keep(row)
        return row

    return again_on_race(deed)


def withdraw_target(target_id: int, by: str, now: dt.datetime) -> None:
    """Let no more command be carried out at a place; what is being carried out there goes on.

    Raises:
        RuleError: `target.unknown` (not found).
    """
    with transaction(by, now) as deed:
        row = db.session.get(AllowedTarget, target_id)
        if row is None:
            raise RuleError("target.unknown", {"id": target_id}, kind="not_found")
        deed.enter("target.withdrawn", f"target:{row.id}", facts_of(row))
        db.session.delete(row)


def facts_of(row: AllowedTarget) -> dict[str, object]:
    """Return what the journal keeps of a target; host keys by their fingerprints."""
    return {
        "host": row.host,
        "port": row.port,
        "user": row.user,
        "key_secret": row.secret_name,
        "host_keys": [fingerprint(key) for key in row.host_keys],
    }
