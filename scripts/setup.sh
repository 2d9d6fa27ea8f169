#!/usr/bin/env bash
# Install what a make target lacks, and nothing when nothing is lacking.
#   setup.sh run           QGIS and its companions by apt, .venv with the test tools and ONNX Runtime
#   setup.sh lint          linters and mypy, into .venv-lint
#   setup.sh coverage      coverage, into .venv
#   setup.sh translations  Qt's lrelease, by apt
#   setup.sh docs          MkDocs, into .venv-docs
#   setup.sh qt6           PyQt6, into .venv-qt6
#   setup.sh train         PyTorch, into .venv-train
#   setup.sh peers         other people's offset trackers, into .venv-peers
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# QGIS's Python modules belong to the system Python; other interpreters do not see them.
system_python=/usr/bin/python3

say() { printf '%s\n' "deepot: $*" >&2; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        say "installing packages needs root; run this as root, install sudo, or install these yourself: $*"
        exit 1
    fi
}

apt_install() {
    command -v apt-get >/dev/null || return 0  # another system: the check after this says what is missing
    local package lacking=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || lacking+=("$package")
    done
    [ "${#lacking[@]}" -eq 0 ] && return 0
    say "installing by apt: ${lacking[*]}"
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${lacking[@]}" >&2
}

# fill FOLDER REQUIREMENTS...: a virtual environment, made before, filled once per content of the files.
fill() {
    local folder=$1 stamp file files=()
    shift
    for file in "$@"; do files+=(-r "$file"); done
    stamp=$folder/.installed-$({ cat constraints.txt "$@"; "$system_python" -V; } | sha256sum | cut -c1-16)
    [ -e "$stamp" ] && return 0
    say "installing into $folder: $*"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "${files[@]}"
    touch "$stamp"
}

# venv FOLDER REQUIREMENTS...: one on the system Python, which sees the packages of the system.
venv() {
    [ -x "$1/bin/pip" ] || "$system_python" -m venv --system-site-packages "$1"
    PIP_CONSTRAINT=constraints.txt fill "$@"
}

# venv_apart FOLDER REQUIREMENTS...: one that sees nothing else, for tools that only read the code.
venv_apart() {
    [ -x "$1/bin/pip" ] || "$system_python" -m venv "$1"
    fill "$@"
}

setup_run() {
    apt_install ca-certificates python3-qgis python3-venv python3-numpy python3-scipy python3-gdal \
        python3-matplotlib qgis xvfb xauth
    if ! "$system_python" -c 'import numpy, scipy, matplotlib, osgeo.gdal_array, qgis.core' 2>/dev/null; then
        say "$system_python must see QGIS 3.22 or newer (qgis.core), GDAL, numpy, scipy and matplotlib;" \
            "install QGIS from your distribution and try again"
        exit 1
    fi
    venv .venv requirements-test.txt
}

case "${1:-}" in
    run) setup_run ;;
    lint)
        apt_install ca-certificates python3-venv
        venv_apart .venv-lint requirements-lint.txt
        ;;
    coverage) venv .venv requirements-coverage.txt ;;
    translations) apt_install qttools5-dev-tools ;;
    docs)
        apt_install ca-certificates python3-venv
        venv .venv-docs requirements-docs.txt
        ;;
    qt6)
        apt_install ca-certificates python3-venv libegl1 libxkbcommon0 libdbus-1-3
        venv .venv-qt6 requirements-qt6.txt
        ;;
    train)
        apt_install ca-certificates python3-venv python3-numpy python3-scipy python3-gdal python3-matplotlib
        venv .venv-train requirements-train.txt
        ;;
    peers)
        apt_install ca-certificates python3-venv python3-numpy python3-scipy python3-gdal python3-matplotlib
        venv .venv-peers requirements-peers.txt
        ;;
    *) say "usage: scripts/setup.sh run|lint|coverage|translations|docs|qt6|train|peers"; exit 2 ;;
esac
