"""A machine with a wrong time: a small preloaded library shifts the time that a program reads."""

import shutil
import subprocess
from pathlib import Path

import pytest

SOURCE = """
#define _GNU_SOURCE
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long seconds(void) {
    const char *given = getenv("TEST_TIME_SHIFT");
    return given ? strtol(given, NULL, 10) : 0;
}

int clock_gettime(clockid_t which, struct timespec *at) {
    int failed = (int)syscall(SYS_clock_gettime, which, at);
    if (!failed && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) at->tv_sec += seconds();
    return failed;
}

time_t time(time_t *out) {
    struct timespec at;
    clock_gettime(CLOCK_REALTIME, &at);
    if (out) *out = at.tv_sec;
    return at.tv_sec;
}

int gettimeofday(struct timeval *at, void *zone) {
    struct timespec read;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &read);
    at->tv_sec = read.tv_sec;
    at->tv_usec = read.tv_nsec / 1000;
    return 0;
}
"""


def shifted(folder: Path, seconds: int) -> dict[str, str]:
    """Return the environment of a program whose time is shifted by seconds; skip where impossible."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler: the time of a program cannot be shifted")
    library = folder / "shift.so"
    command = [compiler, "-shared", "-fPIC", "-x", "c", "-o", str(library), "-"]
    made = subprocess.run(command, input=SOURCE, text=True, capture_output=True)
    if made.returncode:
        pytest.skip(f"the time of a program cannot be shifted: {made.stderr[-200:]}")
    return {"LD_PRELOAD": str(library), "TEST_TIME_SHIFT": str(seconds)}
