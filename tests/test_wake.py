"""Wake-ups of the scheduler by a commit: a datagram in the home, NOTIFY on PostgreSQL."""

import contextlib
import time
from pathlib import Path

import psycopg
import pytest

from incident.database_limits import DatabaseLimits
from incident.wake import FOLDER, HomeListener, PostgresListener, wake_clocks
from tests.postgres import Server
from tests.silence import passing


@pytest.mark.parametrize("folder", ["home", "a" * 120 + "/" + "b" * 120])
def test_a_clock_is_woken_also_in_a_home_with_a_very_long_path(tmp_path: Path, folder: str) -> None:
    home = tmp_path / folder
    with contextlib.closing(HomeListener(home)) as listener:
        assert listener.wait(0.0) is False
        wake_clocks(home)
        began = time.monotonic()
        assert listener.wait(5.0) is True
        assert time.monotonic() - began < 1.0
    assert list((home / FOLDER).iterdir()) == []


def test_wakes_that_came_together_count_as_one(tmp_path: Path) -> None:
    with contextlib.closing(HomeListener(tmp_path)) as listener:
        for _ in range(5):
            wake_clocks(tmp_path)
        assert (listener.wait(1.0), listener.wait(0.0)) == (True, False)


def test_a_clock_that_does_not_listen_blocks_nobody(tmp_path: Path) -> None:
    with contextlib.closing(HomeListener(tmp_path)) as listener:
        began = time.monotonic()
        for _ in range(2_000):
            wake_clocks(tmp_path)
        assert time.monotonic() - began < 10
        assert listener.wait(1.0) is True


def test_the_socket_that_a_dead_process_left_is_removed_and_the_others_are_woken(tmp_path: Path) -> None:
    left = HomeListener(tmp_path)
    assert left._socket is not None
    left._socket.close()
    left._path.rename(tmp_path / FOLDER / "999999.sock")
    with contextlib.closing(HomeListener(tmp_path)) as listener:
        wake_clocks(tmp_path)
        assert listener.wait(1.0) is True
        assert not (tmp_path / FOLDER / "999999.sock").exists()


def test_waking_where_no_clock_has_ever_run_does_nothing(tmp_path: Path) -> None:
    wake_clocks(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_a_home_is_only_for_its_owner(tmp_path: Path) -> None:
    with contextlib.closing(HomeListener(tmp_path)):
        assert (tmp_path / FOLDER).stat().st_mode & 0o077 == 0


def test_a_notification_wakes_the_clock_and_a_broken_connection_is_made_anew(postgres_url: str) -> None:
    with contextlib.closing(PostgresListener(postgres_url, "test_wake")) as listener:
        assert listener.wait(0.0) is False
        with psycopg.connect(postgres_url.replace("+psycopg", ""), autocommit=True) as other:
            other.execute("NOTIFY test_wake")
            assert listener.wait(5.0) is True
            other.execute("NOTIFY another_channel")
            assert listener.wait(0.1) is False
            other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            with pytest.raises(ConnectionError):
                listener.wait(5.0)
            assert listener.wait(0.0) is False
            other.execute("NOTIFY test_wake")
            assert listener.wait(5.0) is True


def test_a_connection_on_which_nothing_comes_any_more_is_noticed_and_made_anew(
    postgres_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("incident.wake.LOOK_EVERY", 0.2)
    with passing(postgres_server.port) as proxy:
        listening = PostgresListener(proxy.url("postgres"), "test_deaf", DatabaseLimits(connect=2))
        with (
            contextlib.closing(listening) as listener,
            psycopg.connect(postgres_server.url().replace("+psycopg", ""), autocommit=True) as other,
        ):
            assert listener.wait(0.3) is False
            assert listener.wait(0.3) is False
            assert proxy.swallow() == 1
            began = time.monotonic()
            with pytest.raises(ConnectionError):
                listener.wait(0.1)
            assert time.monotonic() - began < 5
            assert listener.wait(0.0) is False
            other.execute("NOTIFY test_deaf")
            assert listener.wait(5.0) is True
