"""Subscriptions of Amazon SNS: confirmed once by one request, tried again, given up, and nowhere else."""

import datetime as dt
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from incident.actions.incidents import sns_topics
from incident.core.incidents.signatures.sns import read_sns_message
from incident.jobs.scheduling.sns_confirmations import confirm_topics
from incident.outgoing import HttpResponse, OutgoingError, Refused, TookTooLong
from incident.store.db.database import db
from incident.store.incidents.sns_topics import SnsTopic, topic_by_arn
from incident.store.journal.journal import Entry
from tests import sns
from tests.plugins.app import Hand

BY = "person:1:Li Wei"


class Amazon:
    """A double of the hardened client: what it was asked, and what it answers."""

    def __init__(self, *answers: int | OutgoingError) -> None:
        self.asked: list[tuple[str, str]] = []
        self._answers = list(answers)

    def request(self, method: str, url: str) -> HttpResponse:
        self.asked.append((method, url))
        answer = self._answers.pop(0)
        if isinstance(answer, OutgoingError):
            raise answer
        return HttpResponse(answer, {}, b"<ConfirmSubscriptionResponse/>")


def confirmed(app: Flask, amazon: Amazon, hand: Hand, **later: float) -> SnsTopic:
    hand.forward(**later)
    confirm_topics(app, amazon, lambda: hand.at)  # type: ignore[arg-type]
    return topic(app)


def topic(app: Flask) -> SnsTopic:
    with app.app_context():
        found = topic_by_arn(sns.TOPIC)
        assert found is not None
        db.session.remove()
    return found


def ask(app: Flask, at: dt.datetime, is_allowed: bool = True) -> str:
    """Have the topic ask for its subscription; return the address that confirms it."""
    message = read_sns_message(sns.subscription(at), at)
    with app.app_context():
        if is_allowed:
            sns_topics.allow_topic(sns.TOPIC, BY, at)
        sns_topics.accept_message(message, "token:1:amazon", at)
        db.session.remove()
    return message.subscribe_url or ""


def test_an_allowed_subscription_is_confirmed_once(app: Flask, hand: Hand) -> None:
    url, amazon = ask(app, hand.at), Amazon(200)
    assert confirmed(app, amazon, hand).state == "confirmed"
    assert confirmed(app, amazon, hand, hours=2).confirmed_at is not None
    assert amazon.asked == [("GET", url)]
    with app.app_context():
        events = db.session.scalars(select(Entry.event_type).order_by(Entry.seq)).all()
        assert topic(app).subscribe_url is None
        db.session.remove()
    assert events[-1] == "topic.confirmed"


def test_nothing_is_confirmed_that_nobody_allowed(sqlite_app: Flask, hand: Hand) -> None:
    ask(sqlite_app, hand.at, is_allowed=False)
    amazon = Amazon(200)
    assert confirmed(sqlite_app, amazon, hand).state == "waiting"
    assert amazon.asked == []
    with sqlite_app.app_context():
        sns_topics.allow_topic(sns.TOPIC, BY, hand.at)
        db.session.remove()
    assert confirmed(sqlite_app, amazon, hand).state == "confirmed"


@pytest.mark.parametrize("first", [500, 429, TookTooLong("no complete answer")])
def test_a_confirmation_that_failed_is_tried_again(sqlite_app: Flask, hand: Hand, first: Any) -> None:
    ask(sqlite_app, hand.at)
    amazon = Amazon(first, 200)
    seen = confirmed(sqlite_app, amazon, hand)
    assert (seen.state, seen.tries) == ("confirming", 1)
    assert seen.fault
    assert confirmed(sqlite_app, amazon, hand, seconds=5).tries == 1, "not before its pause is over"
    again = confirmed(sqlite_app, amazon, hand, seconds=11)
    assert (again.state, again.fault) == ("confirmed", None)


@pytest.mark.parametrize("first", [400, 403, 302, Refused("a private address")])
def test_a_confirmation_that_is_refused_is_given_up_and_can_be_asked_for_again(
    sqlite_app: Flask, hand: Hand, first: Any
) -> None:
    ask(sqlite_app, hand.at)
    amazon = Amazon(first, 200)
    seen = confirmed(sqlite_app, amazon, hand)
    if first == 302:
        assert seen.state == "confirming"
        return
    assert (seen.state, seen.try_at) == ("failed", None)
    with sqlite_app.app_context():
        sns_topics.allow_topic(sns.TOPIC, BY, hand.at)
        db.session.remove()
    assert confirmed(sqlite_app, amazon, hand).state == "confirmed"


def test_after_three_days_amazon_accepts_no_confirmation_and_none_is_tried(sqlite_app: Flask, hand: Hand) -> None:
    ask(sqlite_app, hand.at)
    amazon = Amazon(*[500] * 200)
    begin = hand.at
    while confirmed(sqlite_app, amazon, hand, hours=1).state == "confirming":
        assert hand.at < begin + dt.timedelta(days=4)
    assert topic(sqlite_app).state == "failed"
    assert hand.at > begin + dt.timedelta(days=2)


def test_an_address_that_was_changed_in_the_database_is_not_called(sqlite_app: Flask, hand: Hand) -> None:
    ask(sqlite_app, hand.at)
    with sqlite_app.app_context():
        row = topic_by_arn(sns.TOPIC)
        assert row is not None
        row.subscribe_url = "https://sns.us-east-1.amazonaws.com.evil.example/?Action=ConfirmSubscription"
        db.session.commit()
        db.session.remove()
    amazon = Amazon(200)
    assert confirmed(sqlite_app, amazon, hand).state == "failed"
    assert amazon.asked == []


def test_two_processes_do_not_confirm_the_same_one(app: Flask, hand: Hand) -> None:
    ask(app, hand.at)
    with app.app_context():
        assert len(sns_topics.claim_confirmations(hand.at, 5)) == 1
        assert sns_topics.claim_confirmations(hand.at, 5) == []
        assert len(sns_topics.claim_confirmations(hand.at + sns_topics.LEASE, 5)) == 1, "the first has died"
        db.session.remove()


def test_a_demonstration_confirms_nothing(sqlite_app: Flask, hand: Hand) -> None:
    from incident.actions.operations.housekeeping import set_demonstration

    ask(sqlite_app, hand.at)
    with sqlite_app.app_context():
        set_demonstration(hand.at)
        db.session.remove()
    amazon = Amazon(200)
    assert confirmed(sqlite_app, amazon, hand).state == "confirming"
    assert amazon.asked == []
