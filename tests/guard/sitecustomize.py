"""Loaded by every Python process that a test starts (the plugin puts this folder on PYTHONPATH)."""

import os

import loopback_watch

if loopback_watch.FILE in os.environ:
    loopback_watch.install()
