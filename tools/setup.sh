#!/bin/sh
# Set up .venv from the locked requirements: `sh tools/setup.sh runtime|develop`.
# uv if it is there or can be fetched, plain pip otherwise; both check every hash.
set -eu
cd "$(dirname "$0")/.."
stage=$1
python=${PYTHON:-python3}

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Comity needs Python 3.11 or newer; $python is $("$python" --version 2>&1). Set PYTHON to a newer one." >&2
    exit 2
}
if command -v uv >/dev/null 2>&1; then uv=uv; else uv=.venv/bin/uv; fi
if [ ! -x .venv/bin/python ]; then
    echo "Setting up .venv"
    if [ "$uv" = uv ]; then uv venv -q --seed --python "$python" .venv; else "$python" -m venv .venv; fi
fi
install() { # requirements file
    if [ "$uv" = uv ] || [ -x .venv/bin/uv ]; then
        "$uv" pip install -q --python .venv/bin/python --require-hashes -r "$1"
    else
        .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r "$1"
    fi
}
if [ "$stage" = runtime ]; then
    install requirements/setup.txt
    install requirements/runtime.txt
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
else
    install requirements/develop.txt
fi
touch ".venv/.$stage"
