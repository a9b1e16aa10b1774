"""Messages: why a signature on a playbook does not count, and faults of keys."""

from __future__ import annotations

from collections.abc import Mapping

from incident.core.cacao.marking import N_

_AGAIN = N_("Get the playbook again from the signer.")
_OTHER_SIGNATURE = N_("Have it signed again.")
_TRUST = N_("An administrator can add the signer after comparing the fingerprint with the signer.")

SIGNATURES: Mapping[str, tuple[str, str]] = {
    "playbook_unsigned": (
        N_("The playbook “{title}” is not signed, and only signed playbooks start here."),
        N_("Have it signed by a trusted signer and add the signed file."),
    ),
    "signature_changed": (
        N_(
            "The signature of {signee} on “{title}” is not valid: the content was changed after signing, or "
            "another key was used."
        ),
        _AGAIN,
    ),
    "signature_malformed": (N_("A signature on “{title}” does not have the form of CACAO 2.0."), _OTHER_SIGNATURE),
    "signature_value": (N_("The value of the signature of {signee} on “{title}” is not base64url."), _AGAIN),
    "signature_algorithm": (
        N_("The signature of {signee} on “{title}” was made by “{algorithm}”, which is not accepted here."),
        N_("Have it signed by RS, PS or ES with 256, 384 or 512, by Ed25519 or by Ed448."),
    ),
    "signature_hash": (
        N_("The signature of {signee} on “{title}” uses a hash that is not accepted here."),
        N_("Have it signed with sha-256, sha-384 or sha-512."),
    ),
    "signature_key": (
        N_("The key of the signature of {signee} on “{title}” cannot be used: {problem}."),
        _OTHER_SIGNATURE,
    ),
    "signature_key_away": (
        N_("The signature of {signee} on “{title}” does not carry its key, and no signer who is known here has it."),
        N_("Nothing is fetched from addresses. Add the signer, or have it signed with the key inside."),
    ),
    "signature_misfit": (
        N_("The signature of {signee} on “{title}” says {algorithm}, but its key is of the kind {kind}."),
        _OTHER_SIGNATURE,
    ),
    "signature_of_other": (
        N_("The signature of {signee} on “{title}” is for another playbook, or for another version of it."),
        _OTHER_SIGNATURE,
    ),
    "signature_revoked": (N_("The signature of {signee} on “{title}” is marked as revoked."), _OTHER_SIGNATURE),
    "signature_early": (N_("The signature of {signee} on “{title}” is valid only from {at}."), N_("Wait until then.")),
    "signature_late": (N_("The signature of {signee} on “{title}” was valid until {at}."), _OTHER_SIGNATURE),
    "signatures_many": (
        N_("There are too many signatures. The limit is {limit}."),
        N_("Remove those that are not needed."),
    ),
    "signature_absent": (N_("There is no such signature to be countersigned."), N_("Count from 0.")),
    "countersignature_broken": (
        N_("The signature of {signee} on “{title}” depends on another signature that is not valid."),
        _AGAIN,
    ),
    "signer_unknown": (N_("The key of {signee} ({fingerprint}), who signed “{title}”, is not trusted."), _TRUST),
    "signer_revoked": (N_("Trust in {name}, who signed “{title}”, was revoked at {at}."), _OTHER_SIGNATURE),
    "signer_early": (N_("{name}, who signed “{title}”, is trusted only from {at}."), N_("Wait until then.")),
    "signer_late": (N_("{name}, who signed “{title}”, was trusted until {at}."), _OTHER_SIGNATURE),
}

KEY_PROBLEMS: Mapping[str, str] = {
    "key_malformed": N_("it is not a key"),
    "key_missing": N_("it does not exist"),
    "key_password": N_("its password is missing or wrong"),
    "key_private": N_("it is a private key, which must never leave its owner"),
    "key_unsupported": N_("keys of this kind are not used here"),
    "key_weak": N_("RSA keys must have 2048 to 8192 bits"),
}
