"""Topics of Amazon SNS on the page of its source: allowed and removed."""

from flask import request, url_for

from incident.actions.incidents import sns_topics as use_cases
from incident.core.incidents.signatures.sns import ARN_LIMIT
from incident.web.instance import now
from incident.web.pages.blueprint import pages
from incident.web.pages.forms import Form
from incident.web.pages.frame import Page, redirect_with_flash, submit
from incident.web.pages.incidents.sources import show_source
from incident.web.security.auth import needs, require_caller


@pages.post("/sources/sns/topics")
@needs("source.write")
def allow_topic_form() -> Page:
    """Allow a topic to send alerts; its subscription is confirmed soon."""

    def use_case() -> None:
        form = Form()
        arn = form.needed("arn", ARN_LIMIT)
        form.finish()
        use_cases.allow_topic(arn, require_caller().actor, now())

    given = {"arn": request.form.get("arn", "")}
    return submit(
        use_case, lambda: show_source("sns", given=given), lambda: url_for("pages.one_source", name="sns"), "changed"
    )


@pages.post("/sources/sns/topics/<int(max=2147483647):topic_id>/remove")
@needs("source.write")
def remove_topic_form(topic_id: int) -> Page:
    """Remove a topic: its alerts are refused from now on."""
    use_cases.remove_topic(topic_id, require_caller().actor, now())
    return redirect_with_flash(url_for("pages.one_source", name="sns"), "removed")
