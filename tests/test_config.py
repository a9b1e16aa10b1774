"""Settings from the environment: read once, typed, every fault with a hint."""

from datetime import timedelta
from pathlib import Path

import pytest

from incident.config import SettingFault, SettingsError, read, shipped
from incident.core.incidents.grouping import StormLimits
from incident.database_limits import DatabaseLimits
from incident.outgoing.scanner import Scanner


def faults(**environ: str) -> list[SettingFault]:
    with pytest.raises(SettingsError) as raised:
        read(environ)
    return raised.value.faults


def test_without_any_setting_everything_lies_in_var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    settings = read({})
    assert settings.home == tmp_path / "var"
    assert settings.database_url == f"sqlite:///{tmp_path / 'var' / 'incident.db'}"
    assert (settings.is_sqlite, settings.allow_private_targets, settings.smtp_url) == (True, False, None)
    assert (settings.public_url, settings.has_public_url) == ("http://127.0.0.1:8000", False)
    assert not (tmp_path / "var").exists()


def test_every_setting_is_read() -> None:
    settings = read(
        {
            "INCIDENT_HOME": "/srv/incident",
            "INCIDENT_DATABASE_URL": "postgresql+psycopg://u:p@db/incident",
            "INCIDENT_PUBLIC_URL": "https://incident.example.org/",
            "INCIDENT_ALLOW_PRIVATE_TARGETS": "1",
            "INCIDENT_PRIVATE_NETWORKS": "10.0.0.0/8, fd00::/8",
            "INCIDENT_TRUSTED_PROXIES": "127.0.0.1, 10.1.0.0/24",
            "INCIDENT_SMTP_URL": "smtps://u:p@mail.example.org:465",
            "INCIDENT_MAIL_FROM": "soc@example.org",
            "INCIDENT_TIMEZONE": "Asia/Shanghai",
            "INCIDENT_PING_URL": "https://hc.example.org/ping/1",
            "INCIDENT_ALARM_TO": "mailto:duty@example.org, https://alarms.example.org/x ,sms:+8613800000000,",
            "INCIDENT_ALARM_SECRET": "whsec_AAAA",
            "INCIDENT_SMS_URL": "https://sms.example.org/send",
            "INCIDENT_SMS_HEADERS": '{"Authorization": "Bearer x"}',
            "INCIDENT_SMS_BODY": "mobile={to}&content={text}",
            "INCIDENT_SMS_ACCEPTED": '"code":0',
            "INCIDENT_KEYS_FILE": "/run/secrets/keys",
        }
    )
    assert (settings.keys_path, settings.keys_setting) == (Path("/run/secrets/keys"), "INCIDENT_KEYS_FILE")
    assert settings.sms is not None
    assert (settings.sms.url, settings.sms.body) == ("https://sms.example.org/send", "mobile={to}&content={text}")
    assert (settings.sms.headers, settings.sms.accepted) == ({"Authorization": "Bearer x"}, '"code":0')
    assert settings.ping_url == "https://hc.example.org/ping/1"
    assert settings.alarm_to == ("mailto:duty@example.org", "https://alarms.example.org/x", "sms:+8613800000000")
    assert settings.alarm_secret == "whsec_AAAA"
    assert settings.home == Path("/srv/incident")
    assert (settings.is_sqlite, settings.allow_private_targets, settings.has_public_url) == (False, True, True)
    assert settings.public_url == "https://incident.example.org"
    assert [str(network) for network in settings.private_networks] == ["10.0.0.0/8", "fd00::/8"]
    assert [str(network) for network in settings.trusted_proxies] == ["127.0.0.1/32", "10.1.0.0/24"]
    assert (settings.mail_from, str(settings.zone)) == ("soc@example.org", "Asia/Shanghai")


def test_limits_on_the_database_are_read_and_have_defaults_that_fit_together() -> None:
    usual = read({}).database_limits
    assert usual == DatabaseLimits()
    assert usual.connect < usual.lock < usual.statement < usual.answer < usual.idle_in_transaction
    names = ("CONNECT", "KEEPALIVE", "TCP_USER", "LOCK", "STATEMENT", "IDLE_IN_TRANSACTION", "ANSWER")
    given = {f"INCIDENT_DATABASE_{name}_TIMEOUT": str(30 + place) for place, name in enumerate(names)}
    assert vars(read(given).database_limits) == {name.lower(): 30 + place for place, name in enumerate(names)}


def test_a_pooler_is_told_of_by_a_second_address() -> None:
    pooled, direct = "postgresql+psycopg://u:p@pooler:6432/x", "postgresql+psycopg://u:hidden6@db/x"
    given = {
        "INCIDENT_DATABASE_URL": pooled,
        "INCIDENT_DATABASE_DIRECT_URL": direct,
        "INCIDENT_DATABASE_POOL_SIZE": "9",
    }
    settings = read(given)
    assert (settings.database_direct_url, settings.database_pool_size) == (direct, 9)
    assert "hidden" not in repr(settings)
    assert (read({}).database_direct_url, read({}).database_pool_size) == (None, 6)
    assert [one.name for one in faults(INCIDENT_DATABASE_DIRECT_URL=direct)] == ["INCIDENT_DATABASE_DIRECT_URL"]


def test_a_limit_that_could_never_be_reached_is_a_fault() -> None:
    found = faults(INCIDENT_DATABASE_STATEMENT_TIMEOUT="20")
    assert [one.name for one in found] == ["INCIDENT_DATABASE_STATEMENT_TIMEOUT"]
    assert "INCIDENT_DATABASE_ANSWER_TIMEOUT (12 s)" in found[0].what
    assert [one.name for one in faults(INCIDENT_DATABASE_LOCK_TIMEOUT="11")] == ["INCIDENT_DATABASE_LOCK_TIMEOUT"]


def test_passwords_in_settings_do_not_show_when_they_are_printed() -> None:
    settings = read(
        {
            "INCIDENT_DATABASE_URL": "postgresql+psycopg://u:hidden1@db/x",
            "INCIDENT_SMTP_URL": "smtp://u:hidden2@m",
            "INCIDENT_PING_URL": "https://hc.example.org/hidden3",
            "INCIDENT_ALARM_TO": "https://alarms.example.org/hidden4",
            "INCIDENT_ALARM_SECRET": "whsec_hidden5",
        }
    )
    assert "hidden" not in repr(settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("INCIDENT_SMS_HEADERS", "Authorization: Bearer x"),
        ("INCIDENT_SMS_HEADERS", '{"X": 7}'),
        ("INCIDENT_SMS_BODY", "mobile={to}"),
        ("INCIDENT_SMS_BODY", '{"to": "{to}", "text": {text}}'),
        ("INCIDENT_ALLOW_PRIVATE_TARGETS", "yes"),
        ("INCIDENT_PRIVATE_NETWORKS", "10.0.0.0/8,everything"),
        ("INCIDENT_PRIVATE_NETWORKS", "10.0.0.1/8"),
        ("INCIDENT_PRIVATE_NETWORKS", "169.254.0.0/16"),
        ("INCIDENT_PRIVATE_NETWORKS", "10.0.0.0/8,fe80::/10"),
        ("INCIDENT_SCANNER", "clamd:3310"),
        ("INCIDENT_SCANNER", "tcp://scanner:99999"),
        ("INCIDENT_SCANNER", "unix:relative"),
        ("INCIDENT_STORM_INCIDENTS", "-1"),
        ("INCIDENT_STORM_SECONDS", "0"),
        ("INCIDENT_REPORT_DEPARTMENT", "the office"),
        ("INCIDENT_REPORT_NOTICE_MINUTES", "0"),
        ("INCIDENT_REPORT_LIMIT", "0"),
        ("INCIDENT_REPORT_OFFICE_LIMIT", "many"),
        ("INCIDENT_REPORT_OFFICES", "the ministry"),
        ("INCIDENT_ALERT_LIMIT", "100"),
        ("INCIDENT_ALERT_LIMIT", "100,50"),
        ("INCIDENT_TRUSTED_PROXIES", "proxy.example.org"),
        ("INCIDENT_TRUSTED_PROXIES", "10.0.0.1, 0.0.0.0/0"),
        ("INCIDENT_PING_URL", "hc.example.org/ping"),
        ("INCIDENT_ALARM_TO", "duty@example.org"),
        ("INCIDENT_ALARM_TO", "mailto:"),
        ("INCIDENT_ALARM_SECRET", "secret"),
        ("INCIDENT_DATABASE_URL", "mysql://db/x"),
        ("INCIDENT_DATABASE_CONNECT_TIMEOUT", "1"),
        ("INCIDENT_DATABASE_POOL_SIZE", "1"),
        ("INCIDENT_DATABASE_POOL_SIZE", "many"),
        ("INCIDENT_DATABASE_KEEPALIVE_TIMEOUT", "0"),
        ("INCIDENT_DATABASE_ANSWER_TIMEOUT", "never"),
        ("INCIDENT_DATABASE_ANSWER_TIMEOUT", "1.5"),
        ("INCIDENT_DATABASE_TCP_USER_TIMEOUT", "9" * 5000),
        ("INCIDENT_PUBLIC_URL", "incident.example.org"),
        ("INCIDENT_PUBLIC_URL", "https://x:99999"),
        ("INCIDENT_SMTP_URL", "https://mail"),
        ("INCIDENT_MAIL_FROM", "nobody"),
        ("INCIDENT_MAIL_FROM", "a@b\r\nBcc: c@d"),
        ("INCIDENT_TIMEZONE", "Mars/Olympus"),
        ("INCIDENT_TIMEZONE", "../../etc/passwd"),
    ],
)
def test_a_wrong_setting_is_named_with_a_hint(name: str, value: str) -> None:
    (fault,) = faults(**{name: value})
    assert fault.name == name
    assert fault.what
    assert fault.hint


def test_all_wrong_settings_are_named_at_once() -> None:
    found = faults(INCIDENT_ALLOW_PRIVATE_TARGETS="2", INCIDENT_TIMEZONE="x", INCIDENT_MAIL_FROM="y")
    assert len(found) == 3


def test_what_is_shipped_lies_beside_the_package() -> None:
    assert (shipped("migrations") / "env.py").is_file()
    assert shipped("playbooks").name == "playbooks"


def test_the_key_ring_is_in_the_home_in_a_file_by_name_or_in_the_environment_but_not_in_two_of_them() -> None:
    at_home = read({"INCIDENT_HOME": "/srv/incident"})
    assert (at_home.keys_path, at_home.keys_setting) == (Path("/srv/incident/keys.json"), "INCIDENT_HOME")
    given = read({"INCIDENT_KEYS": '{"current": "1", "keys": {"1": "geheim"}}'})
    assert given.keys_setting == "INCIDENT_KEYS"
    assert "geheim" not in repr(given)
    assert [fault.name for fault in faults(INCIDENT_KEYS="{}", INCIDENT_KEYS_FILE="/x")] == ["INCIDENT_KEYS_FILE"]


def test_trusted_hosts_are_names_without_scheme_and_port() -> None:
    assert read({"INCIDENT_TRUSTED_HOSTS": "Ops.example.net, .intranet"}).trusted_hosts == (
        "ops.example.net",
        ".intranet",
    )
    [fault] = faults(INCIDENT_TRUSTED_HOSTS="https://ops.example.net")
    assert fault.name == "INCIDENT_TRUSTED_HOSTS"


def test_a_scanner_listens_on_a_file_or_a_port() -> None:
    assert read({}).evidence.scanner is None
    given = {
        "unix:/run/clamd.ctl": Scanner(path=Path("/run/clamd.ctl")),
        "tcp://scanner": Scanner(host="scanner", port=3310),
    }
    for text, scanner in given.items():
        assert read({"INCIDENT_SCANNER": text}).evidence.scanner == scanner


def test_the_limits_of_a_storm_are_settings() -> None:
    assert read({}).storm == StormLimits(20, timedelta(seconds=60))
    found = read({"INCIDENT_STORM_INCIDENTS": "0", "INCIDENT_STORM_SECONDS": "90"}).storm
    assert found == StormLimits(0, timedelta(seconds=90))
