"""Skipped tests are listed in a section of their own; in CI (`CI=true`) they fail instead."""

import os
from collections.abc import Generator

import pytest

IS_CI = os.environ.get("CI") == "true"
# A test that compares with files kept beside the project leaves itself out where they are missing, in CI too; the
# reason it gives begins with these words.
REFERENCE = "reference files"


def _fail_in_ci(report: pytest.TestReport | pytest.CollectReport) -> None:
    if not (IS_CI and report.skipped) or hasattr(report, "wasxfail") or reason_of(report).startswith(REFERENCE):
        return
    report.outcome = "failed"
    report.longrepr = f"This test may not be left out in CI: {reason_of(report)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Turn a skipped test into a failure, in CI."""
    report = yield
    _fail_in_ci(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a file that leaves itself out when it is imported."""
    report = yield
    _fail_in_ci(report)
    return report


def reason_of(report: pytest.TestReport | pytest.CollectReport) -> str:
    """The reason of a skipped test, in one line."""
    text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    return text.removeprefix("Skipped: ").strip()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List the skipped tests by reason, where nobody can overlook them."""
    reasons: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        reasons.setdefault(reason_of(report), []).append(report.nodeid)
    if not reasons:
        return
    terminalreporter.section(f"{sum(map(len, reasons.values()))} TESTS DID NOT RUN", sep="!", red=True, bold=True)
    for reason, tests in sorted(reasons.items()):
        terminalreporter.line(f"{len(tests)} x {reason}", yellow=True)
        for test in tests[:5]:
            terminalreporter.line(f"      {test}")
