#!/bin/sh
# Steps of set-up that need a shell. Installs system packages only as root and only where they are missing; else it says how.
set -eu

python=.venv/bin/python

say() { printf '%s\n' "$*" >&2; }

is_root_with_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; }

apt_install() {
    say "Installing $* by apt"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "$@" >/dev/null
}

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for name in ${1:-python3 python3.13 python3.12 python3.11}; do
        if is_new_enough "$name"; then
            command -v "$name"
            return
        fi
    done
    say "No Python 3.11 or later found${1:+ as $1}. Install it, or name it: make setup PYTHON=/path/to/python3.11"
    return 1
}

create() {
    found=$(find_python "${1:-}")
    say "Making the environment in .venv with $found"
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --clear --python "$found" .venv
        return
    fi
    if ! "$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        version=$("$found" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        if is_root_with_apt; then
            apt_install "python$version-venv" || apt_install python3-venv
        else
            say "Python's venv is missing. Install it and try again, on Debian and Ubuntu: sudo apt install python$version-venv"
            return 1
        fi
    fi
    "$found" -m venv --clear .venv
}

# Bytecode is written here, where a start would otherwise have to compile everything, each time where
# PYTHONDONTWRITEBYTECODE is set.
install() {
    say "Installing $1"
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --compile-bytecode --python "$python" --require-hashes -r "$1"
    else
        "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"
    fi
}

editable() {
    if command -v uv >/dev/null 2>&1; then
        uv pip install --quiet --python "$python" --no-deps --no-build-isolation --editable .
    else
        "$python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
    fi
    "$python" -m compileall -q incident
}

node() {
    command -v npm >/dev/null 2>&1 || [ -x .venv/bin/npm ] || install requirements/node.txt
}

has_chromium() {
    for name in "${CHROMIUM:-chromium}" chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] || [ -x /Applications/Chromium.app/Contents/MacOS/Chromium ]
}

has_chinese_font() { ! command -v fc-list >/dev/null 2>&1 || [ -n "$(fc-list :lang=zh-cn 2>/dev/null | head -n 1)" ]; }

browser() {
    if has_chromium && has_chinese_font; then
        return
    fi
    if is_root_with_apt; then
        apt_install chromium fonts-noto-cjk || say "apt could not install chromium: the browser tests cannot run"
    else
        say "Chromium or a Chinese font is missing: the browser tests cannot run. On Debian: sudo apt install chromium fonts-noto-cjk"
    fi
}

# The tests start a server of their own on loopback; the one that the package brings is not needed.
ssh_server() {
    if PATH=$PATH:/usr/sbin:/usr/local/sbin command -v sshd >/dev/null 2>&1 && command -v ssh-keygen >/dev/null 2>&1; then
        return
    fi
    if is_root_with_apt; then
        apt_install openssh-server openssh-client || say "apt could not install openssh-server: the tests of ssh cannot run"
    else
        say "sshd is missing: the tests of ssh cannot run. On Debian: sudo apt install openssh-server"
    fi
}

# The tests start a server of their own on loopback, with the example of docs/reverse-proxy.md.
reverse_proxy() {
    if PATH=$PATH:/usr/sbin:/usr/local/sbin command -v nginx >/dev/null 2>&1; then
        return
    fi
    if is_root_with_apt; then
        apt_install nginx || say "apt could not install nginx: the tests of the reverse proxy cannot run"
    else
        say "nginx is missing: the tests of the reverse proxy cannot run. On Debian: sudo apt install nginx"
    fi
}

# The tests start one of their own on loopback; the service that the package brings is not needed.
connection_pooler() {
    if PATH=$PATH:/usr/sbin:/usr/local/sbin command -v pgbouncer >/dev/null 2>&1; then
        return
    fi
    if is_root_with_apt; then
        apt_install pgbouncer || say "apt could not install pgbouncer: the tests of a pooler cannot run"
    else
        say "pgbouncer is missing: the tests of a pooler cannot run. On Debian: sudo apt install pgbouncer"
    fi
}

step=$1
shift
"$step" "$@"
