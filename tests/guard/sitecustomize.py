"""Loaded by every Python process that a test starts (the plugin puts this folder on PYTHONPATH)."""

import os

import loopback_watch  # type: ignore[import-not-found]  # found beside this file, which is on PYTHONPATH then

if loopback_watch.FILE in os.environ:
    loopback_watch.install()
