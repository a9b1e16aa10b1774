"""The instance that a request belongs to, and the moment of a request."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import current_app, g

from incident import clock
from incident.actions.delivery.message_renderer import MessageRenderer
from incident.actions.documents.document_proofs import DocumentSigner
from incident.actions.incidents.evidence_vault import EvidenceVault
from incident.certifying import CertificateKey
from incident.channels import Channel
from incident.config import Settings
from incident.identity_key import IdentityKey
from incident.keyring import KeyRing
from incident.proof_settings import document_key_path, report_key_path
from incident.store.operations import instance as store

KEY = "incident"
"""Key of the instance in `app.extensions`."""


@dataclass(frozen=True)
class Instance:
    """One running program: settings, keys, message composition, channels, and whether it includes a clock."""

    settings: Settings
    ring: KeyRing
    post: MessageRenderer
    channels: Mapping[str, Channel]
    has_clock: bool


def current_instance() -> Instance:
    """Return the instance that answers this request."""
    found: Instance = current_app.extensions[KEY]
    return found


def certificate_key() -> CertificateKey:
    """Return the key that signs certificates; created at its first use."""
    return CertificateKey.load(current_instance().settings.certificate_key_path)


def evidence_vault() -> EvidenceVault:
    """Return where the content of evidence is."""
    instance = current_instance()
    return EvidenceVault(instance.ring, instance.settings.evidence.folder)


def evidence_key() -> CertificateKey:
    """Return the key that signs bundles of evidence; created at its first use."""
    settings = current_instance().settings
    return CertificateKey.load(settings.evidence.key_path(settings.home))


def report_key() -> CertificateKey:
    """Return the key that signs proofs of receipt; created at its first use."""
    settings = current_instance().settings
    return CertificateKey.load(report_key_path(settings.report_key_file, settings.home))


def identity_key() -> IdentityKey:
    """Return the key that opens sealed identities; created at its first use."""
    settings = current_instance().settings
    return IdentityKey.load(settings.custody.key_path(settings.home))


def document_signer() -> DocumentSigner:
    """Return what the content of documents is signed with; the key is created at its first use."""
    settings = current_instance().settings
    key = CertificateKey.load(document_key_path(settings.document_key_file, settings.home))
    return DocumentSigner(key, settings.public_url)


def now() -> dt.datetime:
    """Return the moment of this request (UTC): read once and passed on."""
    if "now" not in g:
        g.now = clock.now()
    moment: dt.datetime = g.now
    return moment


DEMONSTRATION: Final = "is_demonstration"
"""The name of the setting."""


def is_demonstration() -> bool:
    """Return whether this is a demonstration, which sends nothing."""
    return bool(store.instance_setting(DEMONSTRATION))
