"""Error messages about other systems: payloads of sources and mappings, subscriptions and tickets; by code."""

from collections.abc import Mapping
from typing import Final

from incident.core.values.marking import N_

SOURCE_FAULT_WORDS: Final[Mapping[str, str]] = {
    "alertmanager.alerts_missing": N_("The list “alerts” is missing. Alertmanager sends one."),
    "alertmanager.alerts_no_list": N_("The member alerts must be a list, as Alertmanager sends it."),
    "alertmanager.too_many_alerts": N_(
        "There are {count} alerts. The limit is {most} in one request. Set max_alerts of this receiver to "
        "{most} in the configuration of Alertmanager."
    ),
    "alertmanager.version": N_("This is not the webhook format of Alertmanager, version {expected}."),
    "delivery.unknown": N_("This subscription has no delivery {id}."),
    "delivery.waits": N_("This delivery is waiting and will be sent automatically."),
    "delivery.withheld": N_("The incident of this delivery may no longer be shared with this subscription."),
    "mapping.both_changed": N_(
        "Both the fields and the JSON were changed. Choose below which to use. Nothing is lost until then."
    ),
    "mapping.category_row": N_("Enter both for “{given}”: the sender's word and the category it means."),
    "mapping.grade_words": N_("Enter which words or minimum numbers mean each grade."),
    "mapping.label_place": N_("Choose the place of the label “{label}”, or clear its name."),
    "mapping.label_twice": N_("The label “{label}” appears twice. Remove one, or rename it."),
    "mapping.list_missing": N_("The list {list} is missing. This sender puts its alerts there."),
    "mapping.no_fingerprint": N_(
        "Nothing identifies this alert, so a repeat could not be recognised. It needs: {members}."
    ),
    "mapping.no_list": N_("The member {list} must be a list of alerts, or one alert."),
    "mapping.no_variant": N_(
        "This source does not know this form of message. It knows messages with: {forms}. Check that the "
        "sender uses the address of its own source."
    ),
    "mapping.no_variants": N_("A mapping needs at least one variant."),
    "mapping.no_words": N_("A rule needs at least one of: {names}."),
    "mapping.none": N_("Paste a message of the product first, and choose “Propose a mapping”."),
    "mapping.number": N_("Enter a number."),
    "mapping.offset": N_("Enter an offset from UTC, such as {example}."),
    "mapping.pointer": N_("Enter a JSON pointer such as {example}, with ~1 for a / and ~0 for a ~ in a name."),
    "mapping.state_words": N_("Enter which words mean that an alert has ended."),
    "mapping.template": N_("Enter a template such as {example}. Write a brace itself twice."),
    "mapping.version": N_("The version of a mapping is {version}."),
    "mapping.word_twice": N_("The word “{word}” appears twice. Remove one."),
    "payload.bad_number": N_(
        "A number in this JSON cannot be stored: it is NaN, infinite, or thousands of digits long."
    ),
    "payload.doubled_member": N_("The member “{member}” appears twice. Remove one."),
    "payload.not_json": N_("This is not JSON: line {line}, column {column}."),
    "payload.not_utf8": N_("This is not UTF-8: byte {byte}."),
    "payload.too_deep": N_("This JSON is nested too deeply."),
    "payload.too_many_alerts": N_(
        "There are {count} alerts. The limit is {most} in one request. Set this in the sender, such as Max "
        "Alerts in Grafana."
    ),
    "signature.header": N_("Enter the name of a header, such as X-Hub-Signature-256."),
    "signature.missing": N_(
        "The header {header} is missing or cannot be read. Requests to this source must be signed."
    ),
    "signature.no_header_of_part": N_("The signed text has {part}; name the header that has it."),
    "signature.no_time": N_(
        "A message identifier protects only together with a time. Enter the header of the time as well."
    ),
    "signature.none": N_("This source has no signing secret."),
    "signature.out_of_time": N_(
        "The time in this request differs from ours by more than {seconds} seconds. Check the clock of the sender."
    ),
    "signature.prefix": N_("Enter text of at most {limit} printable characters."),
    "signature.replayed": N_("This message was received before. Nothing was done again."),
    "signature.secret_not_base64": N_("This scheme needs a secret in Base64, with or without whsec_ before it."),
    "signature.short_secret": N_("A signing secret must have {least} to {most} characters."),
    "signature.template": N_(
        "Enter the signed text as in {example}, with the body once, and the time and the identifier at most once."
    ),
    "signature.tolerance": N_("The tolerance must be 1 to {most} seconds."),
    "signature.unsigned_part": N_(
        "The signed text must contain {part}: anyone can replace content that is not signed."
    ),
    "signature.wrong": N_(
        "The signature is not valid. Check that the sender has the secret of this source, and that nothing "
        "on the way changes the body."
    ),
    "sns.certificate": N_("The certificate named in the message is not a currently valid Amazon SNS certificate."),
    "sns.certificate_address": N_("The certificate of this message is not at an Amazon SNS address."),
    "sns.certificate_unreachable": N_(
        "The certificate of Amazon SNS could not be fetched, so the message could not be verified. Send it again."
    ),
    "sns.malformed_topic": N_("Enter the name (ARN) of a topic, such as {example}."),
    "sns.no_message": N_("This is not an Amazon SNS message. Its Type must be one of: {types}."),
    "sns.out_of_time": N_("This message is older than {minutes} minutes, or from the future. Nothing was accepted."),
    "sns.subscribe_address": N_(
        "The address for confirming the subscription is not an Amazon SNS address for this topic."
    ),
    "sns.too_many_topics": N_("There are already {most} topics. Remove one that is not used."),
    "sns.topic_waits": N_("The topic {topic} is not allowed yet. Allow it under Sources. Nothing was accepted."),
    "sns.unknown_topic": N_("There is no such topic."),
    "sns.version": N_("This version of signatures is not known. The versions are: {versions}."),
    "source.inactive": N_("This source of alerts is switched off. Switch it on under Sources."),
    "source.malformed_name": N_(
        "The name of a source must be 1 to {limit} lowercase letters, digits and hyphens, and begin with a "
        "letter or a digit."
    ),
    "source.name_taken": N_("A built-in source has this name. Choose another name."),
    "source.no_challenge": N_("The header {header} is missing; Okta sends it once to verify the address."),
    "source.no_verification": N_("This source does not verify addresses. Send alerts by POST."),
    "source.one_needed": N_("Give either a mapping or the name of a source."),
    "source.preset": N_("This source comes with the program and cannot be changed. Add one of your own."),
    "source.too_many": N_("You already have {most} sources. Remove one that is not used."),
    "source.unknown": N_("There is no such source of alerts. The sources are: {sources}."),
    "subscription.active": N_("This subscription is not paused."),
    "subscription.event_unknown": N_("Subscriptions cannot get the event {event}. See the list of event types."),
    "subscription.no_events": N_("Choose at least one event type."),
    "subscription.paused": N_("This subscription is already paused."),
    "subscription.tlp": N_("Choose the highest sharing level: {levels}."),
    "subscription.too_many": N_("There are already {most} subscriptions. Remove one that is not used."),
    "subscription.unknown": N_("There is no subscription {id}."),
    "ticket.exists": N_("This incident is already linked to the ticket {key} of {system}."),
    "ticket.not_linked": N_("This incident is not linked to a ticket {id}."),
    "ticket.too_many": N_("An incident can be linked to at most {most} tickets. Unlink one first."),
}
