"""Plugins that every test shares; the fixtures are in tests/plugins/, one subject per file."""

pytest_plugins = [
    "tests.plugins.shell",
    "tests.plugins.loud",
    "tests.plugins.order",
    "tests.plugins.loopback",
    "tests.plugins.properties",
    "tests.plugins.templates",
    "tests.plugins.quick",
    "tests.plugins.quiet_logs",
    "tests.plugins.database_server",
    "tests.plugins.worlds",
    "tests.plugins.browser",
    "tests.plugins.ssh_server",
    "tests.plugins.nginx",
    "tests.plugins.pgbouncer",
    "tests.plugins.app",
]
