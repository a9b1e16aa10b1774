"""Signatures of senders: how a request is signed, whether a signature is right, and the messages of Amazon SNS."""
