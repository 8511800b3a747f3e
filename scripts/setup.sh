#!/bin/sh
# Make .venv/ at the root of the checkout ready: locked packages and Crossdock itself, editable.
# Does nothing when pyproject.toml, the lock and this script are as they were at the last run.
# With `--lock`, write requirements/dev.txt anew from pyproject.toml.
set -eu
cd "$(dirname "$0")/.."

lock=requirements/dev.txt
stamp=.venv/.crossdock-ready
inputs="pyproject.toml $lock requirements/torch.txt scripts/setup.sh"

# Wheels that the machine offers to pip are offered to uv too.
UV_FIND_LINKS="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-}}"
export UV_FIND_LINKS

fingerprint() {
    # With the folder's name: scripts in .venv/ hold it, so a moved checkout is set up anew.
    # shellcheck disable=SC2086  # a list of files
    { pwd; cat $inputs; } | cksum
}

say() {
    printf '%s\n' "$*" >&2
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in python3.11 python3 python3.12 python3.13; do
        if is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    say "error: Crossdock needs Python 3.11 or newer"
    say "remedy: install python3.11 and make sure that it is on the PATH"
    exit 2
}

use_local_cache_without_home() {
    home=${HOME:-/nonexistent}
    if ! [ -w "$home" ]; then
        UV_CACHE_DIR="${UV_CACHE_DIR:-$PWD/.venv/cache/uv}"
        PIP_CACHE_DIR="${PIP_CACHE_DIR:-$PWD/.venv/cache/pip}"
        export UV_CACHE_DIR PIP_CACHE_DIR
    fi
}

make_venv() {
    is_new_enough .venv/bin/python && return
    python=$(find_python)
    say "making .venv with $python"
    if command -v uv >/dev/null 2>&1; then
        uv venv --quiet --clear --python "$python" .venv
    else
        "$python" -m venv --clear .venv
    fi
}

find_uv() {
    if command -v uv >/dev/null 2>&1; then
        echo uv
    elif [ -x .venv/bin/uv ]; then
        echo .venv/bin/uv
    elif have_pip && .venv/bin/python -m pip install --quiet --no-warn-script-location uv >&2; then
        echo .venv/bin/uv
    fi
}

have_pip() {
    .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
}

write_lock() {
    # --universal: one lock for every system and every Python that Crossdock supports.
    "$1" pip compile --quiet --universal --python-version 3.11 --no-emit-index-url \
        --no-emit-find-links --custom-compile-command 'scripts/setup.sh --lock' \
        --extra dev --extra docs --extra postgres --extra ray --output-file "$lock" pyproject.toml
}

install() {
    if [ -n "$1" ]; then
        say "installing with uv"
        # Compiled now: each worker process imports the lot, and an environment may forbid it later.
        "$1" pip install --quiet --compile-bytecode --python .venv/bin/python --requirement "$lock"
        "$1" pip install --quiet --python .venv/bin/python --no-deps --editable .
    else
        say "installing with pip (uv cannot be had)"
        .venv/bin/python -m pip install --quiet --requirement "$lock"
        .venv/bin/python -m pip install --quiet --no-deps --editable .
    fi
}

if [ "${1:-}" != --lock ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(fingerprint)" ]; then
    .venv/bin/python scripts/compile_kernels.py
    exit 0
fi
use_local_cache_without_home
make_venv
uv=$(find_uv)
if [ "${1:-}" = --lock ]; then
    write_lock "$uv"
fi
install "$uv"
.venv/bin/python -m compileall -q src
.venv/bin/python scripts/compile_kernels.py
fingerprint >"$stamp"
