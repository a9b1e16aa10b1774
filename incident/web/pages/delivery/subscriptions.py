"""Subscriptions of other systems: list, add, change, test, pause, secrets, and the log of deliveries."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from flask import request, url_for

from incident.actions.delivery import subscriptions as use_cases
from incident.core.delivery.subscription import (
    ANY,
    NAME_LIMIT,
    SHARED_KINDS,
    SHARED_TLP,
    SubscriptionFilter,
    require_shared_tlp,
    shared_types,
)
from incident.core.incidents.category import require_category
from incident.core.incidents.grade import require_grade
from incident.core.journal.event_types import EVENT_TYPE_WORDS
from incident.core.values.affiliation import require_area
from incident.core.values.error_messages import N_
from incident.outgoing.addresses import URL_LIMIT
from incident.store.delivery.subscriptions import (
    EventCounts,
    Subscription,
    event_counts,
    events_of,
    last_attempts,
    list_subscriptions,
)
from incident.web import subscription_requests
from incident.web.contact_channels import Tested, new_secret
from incident.web.http.paging import page as cut
from incident.web.http.paging import read_cursor
from incident.web.i18n import gettext as _
from incident.web.instance import current_instance, now
from incident.web.pages.blueprint import pages
from incident.web.pages.department_picker import picked_departments
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, render, submit
from incident.web.security import access
from incident.web.security.auth import needs, require_caller

T = TypeVar("T")

LOG_LIMIT = 50
STATES = ("pending", "sending", "sent", "refused", "given_up", "cancelled")
ONE = "/subscriptions/<int(max=2147483647):subscription_id>"
KIND_WORDS = {
    "incident": N_("Incidents"),
    "alert": N_("Alerts"),
    "notice": N_("Notices to departments"),
    "task": N_("Tasks"),
    "run": N_("Runs of playbooks"),
    "step": N_("Steps of playbooks"),
    "command": N_("Commands"),
    "playbook": N_("Playbooks"),
    "drill": N_("Drills"),
    "machinery": N_("System alarms"),
}
"""The kinds of events in the order of the form."""


@pages.get("/subscriptions")
@needs("subscription.read")
def subscriptions() -> Page:
    """List the subscriptions."""
    return _list()


def _list() -> Page:
    counts = event_counts()
    rows = [(row, counts.get(row.id, EventCounts())) for row in list_subscriptions()]
    return render("subscriptions/list.html", rows=rows, given=_typed(), is_typed=bool(request.form), **_choices())


@pages.post("/subscriptions")
@needs("subscription.write")
def add_subscription_form() -> Page:
    """Add a subscription; the next page shows its secret, once."""
    made: list[Subscription] = []
    secret = new_secret()

    def use_case() -> None:
        kept = subscription_requests.require_subscription(_read())
        made.append(use_cases.add_subscription(kept, secret, current_instance().ring, require_caller().actor, now()))

    answer = submit(use_case, _list, lambda: url_for("pages.subscriptions"), "added")
    return _one(made[0], secret=secret, status=201) if made else answer


@pages.get(ONE)
@needs("subscription.read")
def subscription_page(subscription_id: int) -> Page:
    """Show a subscription and its log."""
    return _one(access.visible_subscription(subscription_id))


@pages.post(f"{ONE}/change")
@needs("subscription.write")
def change_subscription_form(subscription_id: int) -> Page:
    """Change a subscription."""
    row = access.visible_subscription(subscription_id)

    def use_case() -> None:
        form = Form()
        version = form.number("version")
        kept = subscription_requests.require_subscription(_read())
        use_cases.change_subscription(row.id, kept, require_caller().actor, now(), version)

    return submit(use_case, lambda: _one(row), lambda: _address(row.id), "changed")


@pages.post(f"{ONE}/test")
@needs("subscription.write")
def test_event_form(subscription_id: int) -> Page:
    """Send a test event and show the answer."""
    row = access.visible_subscription(subscription_id)
    tested = subscription_requests.send_test_event(row)
    return _one(access.visible_subscription(subscription_id), tested=tested)


@pages.post(f"{ONE}/pause")
@needs("subscription.write")
def pause_subscription_form(subscription_id: int) -> Page:
    """Pause a subscription."""
    row = access.visible_subscription(subscription_id)

    def use_case() -> None:
        use_cases.pause_subscription(row.id, require_caller().actor, now())

    return submit(use_case, lambda: _one(row), lambda: _address(row.id), "changed")


@pages.post(f"{ONE}/resume")
@needs("subscription.write")
def resume_subscription_form(subscription_id: int) -> Page:
    """Resume a subscription, with or without what was missed."""
    row = access.visible_subscription(subscription_id)

    def use_case() -> None:
        skips = "skips_missed" in request.form
        use_cases.resume_subscription(row.id, require_caller().actor, now(), skips_missed=skips)

    return submit(use_case, lambda: _one(row), lambda: _address(row.id), "changed")


@pages.post(f"{ONE}/secret")
@needs("subscription.write")
def rotate_secret_form(subscription_id: int) -> Page:
    """Replace the secret; the page shows the new one, once."""
    row, secret = access.visible_subscription(subscription_id), new_secret()
    ring, actor = current_instance().ring, require_caller().actor
    return _one(use_cases.rotate_subscription_secret(row.id, secret, ring, actor, now()), secret=secret)


@pages.post(f"{ONE}/remove")
@needs("subscription.write")
def remove_subscription_form(subscription_id: int) -> Page:
    """Remove a subscription with its queue and its log."""
    row = access.visible_subscription(subscription_id)

    def use_case() -> None:
        use_cases.remove_subscription(row.id, require_caller().actor, now())

    return submit(use_case, _list, lambda: url_for("pages.subscriptions"), "removed")


@pages.post(f"{ONE}/deliveries/<int(max=2147483647):event_id>/resend")
@needs("subscription.write")
def resend_event_form(subscription_id: int, event_id: int) -> Page:
    """Send an event again."""
    row = access.visible_subscription(subscription_id)

    def use_case() -> None:
        use_cases.resend_event(row.id, event_id, require_caller().actor, now())

    return submit(use_case, lambda: _one(row), lambda: f"{_address(row.id)}#log", "event_resent")


def _address(subscription_id: int) -> str:
    return url_for("pages.subscription_page", subscription_id=subscription_id)


def _one(row: Subscription, secret: str | None = None, tested: Tested | None = None, status: int = 200) -> Page:
    state = request.args.get("state", "")
    after = read_cursor(request.args.get("cursor"), (int,)) or (None,)
    found = events_of(row.id, after[0], LOG_LIMIT + 1, state if state in STATES else None)
    rows, following = cut(found, LOG_LIMIT, lambda one: (one.id,))
    here: dict[str, Any] = {"subscription_id": row.id} | ({"state": state} if state else {})
    is_typed = request.endpoint == "pages.change_subscription_form"
    return render(
        "subscriptions/one.html",
        status,
        one=row,
        chosen=SubscriptionFilter.from_json(row.filter),
        counts=event_counts().get(row.id, EventCounts()),
        given=_typed() if is_typed else _kept(row),
        is_typed=is_typed,
        secret=secret,
        tested=tested,
        log=rows,
        attempts=last_attempts([event.id for event in rows]),
        state=state,
        states=STATES,
        is_first="cursor" not in request.args,
        newest=url_for("pages.subscription_page", _anchor="log", **here),
        older=url_for("pages.subscription_page", _anchor="log", cursor=following, **here) if following else None,
        events_said=_events_words(row.events),
        event_words={one.type: _(EVENT_TYPE_WORDS.get(one.type, one.type)) for one in rows},
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    return {
        "kinds": [(kind, _(words), _types_of(kind)) for kind, words in KIND_WORDS.items() if kind in SHARED_KINDS],
        "levels": [(level, f"TLP:{level.upper()}") for level in SHARED_TLP],
        "name_limit": NAME_LIMIT,
        "url_limit": URL_LIMIT,
    }


def _types_of(kind: str) -> list[tuple[str, str]]:
    return [(one, _(EVENT_TYPE_WORDS[one])) for one in shared_types(EVENT_TYPE_WORDS) if one.partition(".")[0] == kind]


def _events_words(patterns: list[str]) -> list[str]:
    """Return the wanted events in words."""
    if ANY in patterns:
        return [_("All events")]
    kinds = {f"{kind}.*": words for kind, words in KIND_WORDS.items()}
    return [_(kinds.get(one) or EVENT_TYPE_WORDS.get(one, one)) for one in patterns]


def _kept(row: Subscription) -> dict[str, Any]:
    kept = SubscriptionFilter.from_json(row.filter).to_json()
    regions, campaigns = ", ".join(kept["regions"]), ", ".join(kept["campaigns"])
    kept |= {"regions": regions, "campaigns": campaigns, "grades": [str(one) for one in kept["grades"]]}
    return kept | {"name": row.name, "url": row.url, "events": row.events, "version": row.version}


def _typed() -> dict[str, Any]:
    lists = {name: request.form.getlist(name) for name in ("events", "grades", "categories", "departments")}
    words = {name: request.form.get(name) for name in ("name", "url", "tlp", "regions", "campaigns", "version")}
    return words | lists | {"has_exercises": "has_exercises" in request.form}


def _read() -> dict[str, Any]:
    """Return the checked values of the form; raises RuleError with all faults of its fields."""
    form = Form()
    name, url = form.named("name", NAME_LIMIT), form.needed("url", URL_LIMIT)
    chosen = SubscriptionFilter(
        categories=_checked(form, "categories", _all("categories"), require_category),
        grades=_checked(form, "grades", _all("grades"), _grade),
        departments=tuple(picked_departments()),
        regions=_checked(form, "regions", _parts("regions"), require_area),
        campaigns=_checked(form, "campaigns", _parts("campaigns"), require_area),
        tlp=form.checked("tlp", lambda: require_shared_tlp(form.raw("tlp") or "amber", "/tlp")) or "amber",
        has_exercises="has_exercises" in request.form,
    )
    read = {"name": name, "url": url, "events": _all("events"), "filter": chosen.to_json()}
    known = {one: value for one, value in read.items() if one != "url" or not form.has_fault("url")}
    form.checked("events", lambda: subscription_requests.require_subscription(known))
    form.finish()
    return read


def _all(name: str) -> list[str]:
    return [one.strip() for one in request.form.getlist(name) if one.strip()]


def _parts(name: str) -> list[str]:
    typed = request.form.get(name, "").replace("，", ",").replace("、", ",").split(",")
    return [one.strip() for one in typed if one.strip()]


def _grade(typed: str, pointer: str) -> int:
    return require_grade(int(typed) if typed in ("1", "2", "3", "4") else typed, pointer)


def _checked(form: Form, name: str, typed: list[str], rule: Callable[[str, str], T]) -> tuple[T, ...]:
    """Return the values of a field without repeats, each checked by a rule."""
    found = [form.checked(name, partial(rule, one, f"/{name}")) for one in typed]
    return tuple(dict.fromkeys(one for one in found if one is not None))
