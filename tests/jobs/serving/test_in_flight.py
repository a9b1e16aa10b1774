"""Messages in flight: overdue responses, the times of an origin, and the send to cancel."""

import threading

from incident.core.delivery.slot_share import PER_ORIGIN
from incident.core.notifications.message import Accepted, DeliveryError
from incident.jobs.serving.in_flight import CUT_AFTER, LOOK_AGAIN, MAX_OVERDUE, ORIGINS_KEPT, OVERDUE_AFTER, InFlight
from tests.jobs.running import until

OK = Accepted("200 OK")
NOTHING = DeliveryError("no complete answer within 10 s", permanent=False)
REFUSED = DeliveryError("no connection: Connection refused", permanent=False)


class Hand:
    """A steady clock that the test puts forward."""

    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def flying(count: int = 0) -> tuple[InFlight, Hand]:
    hand = Hand()
    flights = InFlight(hand)
    for number in range(count):
        fly(flights, number, f"origin {number}")
    return flights, hand


def fly(flights: InFlight, key: int, origin: str | None) -> None:
    flights.begin((key,), origin)
    assert flights.wait_turn((key,))


def refused(flights: InFlight) -> None:
    """A claim for which others lacked a slot."""
    share = flights.share()
    share.has_refused_others = True
    flights.claimed(share, 0.01)


def end(flights: InFlight, key: int, outcome: Accepted | DeliveryError) -> Accepted | DeliveryError:
    with flights.sending((key,)) as ending:
        ending.outcome = outcome
    return ending.outcome


def tried(flights: InFlight, hand: Hand, origin: str, seconds: float, outcome: Accepted | DeliveryError) -> str:
    fly(flights, -1, origin)
    hand.at += seconds
    end(flights, -1, outcome)
    return flights.share().kind_of(origin)


def test_an_origin_is_new_until_it_has_answered_and_silent_when_it_did_not() -> None:
    flights, hand = flying()
    assert flights.share().kind_of("a") == "new"
    assert tried(flights, hand, "a", 0.1, OK) == "answered"
    assert tried(flights, hand, "b", 10, NOTHING) == "silent"
    assert tried(flights, hand, "b", 0.1, OK) == "answered"


def test_a_fault_that_comes_at_once_holds_up_nobody_and_is_an_answer() -> None:
    flights, hand = flying()
    assert tried(flights, hand, "a", 0.01, REFUSED) == "answered"


def test_a_hang_counts_before_it_ends() -> None:
    flights, hand = flying(1)
    hand.at += OVERDUE_AFTER - 0.01
    assert flights.share().kind_of("origin 0") == "new"
    hand.at += 0.02
    assert flights.share().kind_of("origin 0") == "silent"


def test_an_origin_that_usually_takes_long_is_overdue_later_but_not_for_ever() -> None:
    flights, hand = flying()
    tried(flights, hand, "slow", 0.5, OK)
    tried(flights, hand, "slower", 5, OK)
    fly(flights, 1, "slow")
    fly(flights, 2, "slower")
    hand.at += 1.9
    assert {flights.share().kind_of(name) for name in ("slow", "slower")} == {"answered"}
    hand.at += 0.2
    assert flights.share().kind_of("slow") == "silent"
    hand.at += MAX_OVERDUE - 2
    assert flights.share().kind_of("slower") == "silent"


def test_the_oldest_hangs_give_way_to_others_down_to_their_part_and_not_too_early() -> None:
    flights, hand = flying(10)
    hand.at += 1
    for number in range(10, 20):
        fly(flights, number, f"origin {number}")
    hand.at += CUT_AFTER - 0.9
    refused(flights)
    ended = [end(flights, number, NOTHING).detail for number in range(20)]
    assert ["others waited" in detail for detail in ended] == [True] * 8 + [False] * 12
    assert "1.6 s" in ended[0]


def test_nothing_gives_way_while_nobody_waits_or_before_its_time() -> None:
    flights, hand = flying(30)
    hand.at += CUT_AFTER - 0.1
    refused(flights)
    assert flights.look_again() == LOOK_AGAIN
    hand.at += 5
    flights.claimed(flights.share(), 0.01)
    flights.all_taken(is_waited=False)
    assert flights.look_again() is None
    assert end(flights, 0, NOTHING) is NOTHING


def test_an_answer_that_came_all_the_same_counts() -> None:
    flights, hand = flying(30)
    hand.at += 2
    flights.all_taken(is_waited=True)
    assert end(flights, 0, OK) is OK
    assert flights.share().kind_of("origin 0") == "answered"


def test_what_goes_nowhere_is_not_counted() -> None:
    flights, _ = flying()
    fly(flights, 1, None)
    assert flights.share().free_slots("answered") == 32
    assert end(flights, 1, OK) is OK


def test_the_origins_remembered_are_bounded() -> None:
    flights, hand = flying()
    for number in range(ORIGINS_KEPT + 1):
        tried(flights, hand, f"o{number}", 0.0, OK)
    assert len(flights.share().known) == ORIGINS_KEPT


def test_more_than_its_limit_wait_for_their_turn_and_give_up_when_the_origin_hangs() -> None:
    flights, hand = flying()
    assert tried(flights, hand, "a", 0.1, OK) == "answered"
    for key in range(PER_ORIGIN):
        fly(flights, key, "a")
    waiting = {key: threading.Event() for key in (20, 21)}
    may: dict[int, bool] = {}

    def wait(key: int) -> None:
        may[key] = flights.wait_turn((key,))
        waiting[key].set()

    for key in waiting:
        flights.begin((key,), "a")
        threading.Thread(target=wait, args=(key,), daemon=True).start()
    assert not waiting[20].wait(0.05)
    end(flights, 0, OK)
    until(lambda: len(may) == 1)
    assert list(may.values()) == [True]
    hand.at += MAX_OVERDUE
    until(lambda: len(may) == 2)
    assert sorted(may.values()) == [False, True]


def test_to_search_far_takes_a_part_of_the_time_only() -> None:
    flights, hand = flying()
    share = flights.share()
    assert share.is_searched
    flights.claimed(share, 0.02)
    hand.at += 0.07
    assert not flights.share().is_searched
    hand.at += 0.02
    assert flights.share().is_searched


def test_a_claim_waits_until_a_busy_origin_has_turns_again() -> None:
    flights, hand = flying()
    tried(flights, hand, "a", 0.1, OK)
    share = flights.share()
    for key in range(20):
        if share.take("a"):
            flights.begin((key,), "a")
    flights.claimed(share, 0.01)
    assert not flights.is_gathered(16)
    for key in range(8):
        assert flights.wait_turn((key,))
        end(flights, key, OK)
    assert flights.is_gathered(16)
    assert not flights.is_gathered(15)
