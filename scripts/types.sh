#!/usr/bin/env bash
# mypy as pyproject.toml says. numpy's own annotations say what shape and kind an array may be only from 2.3 on, which
# needs Python 3.11; older Pythons get no check rather than another one.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! .venv-lint/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "mypy: not run, this Python is older than 3.11" >&2
    exit 0
fi
exec .venv-lint/bin/mypy "$@"
