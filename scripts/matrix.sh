#!/usr/bin/env bash
# Run the tests on every QGIS that this machine can have, and print one table.
#   scripts/matrix.sh [pytest arguments]          the whole suite, or what the arguments choose (tests/qgis -x)
#   MATRIX="system trixie" scripts/matrix.sh ...  only these rows
# Rows: system    the QGIS of this machine, in .venv
#       beside    QGIS 3.40 of Debian's backports, unpacked beside it; nothing of it is installed
#       trixie    QGIS 3.40 with Python 3.13 and numpy 2, in a Debian 13 of its own (root and debootstrap)
#       newest    QGIS 3.44 of that Debian's backports, unpacked beside it
# What is downloaded stays in .matrix/; `rm -rf .matrix` forgets it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

here=$PWD
keep=$here/.matrix
results=$keep/results
libraries=usr/lib/$(uname -m)-linux-gnu
mirror=${MATRIX_MIRROR:-http://deb.debian.org/debian}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
# What the tests need of a Debian, besides what QGIS brings.
companions="python3-venv python3-numpy python3-scipy python3-gdal python3-matplotlib xvfb xauth git make"

say() { printf '%s\n' "deepot: $*" >&2; }
leave_out() { printf '%s\n' "$2" >"$results/$1.left-out"; say "$1 left out: $2"; }

# unpack RELEASE FOLDER: the QGIS of RELEASE-backports and what it lacks here, unpacked into FOLDER. Its package lists and
# downloads are its own, so neither the lists nor the packages of the machine change.
unpack() {
    local release=$1 folder=$2 apt
    [ -e "$folder/.unpacked" ] && return 0
    mkdir -p "$folder.apt/lists/partial" "$folder.apt/cache/archives/partial"
    printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$release" \
        "$keyring" "$mirror" "$release-backports" >"$folder.apt/sources"
    apt=(apt-get -qq -o "Dir::Etc::sourcelist=$folder.apt/sources" -o Dir::Etc::sourceparts=- -o Debug::NoLocking=1
        -o "Dir::State::lists=$folder.apt/lists" -o "Dir::Cache=$folder.apt/cache" -o APT::Sandbox::User=)
    "${apt[@]}" update >&2 || return 1
    say "fetching the QGIS of $release-backports (about 50 MB)"
    "${apt[@]}" install -y --no-install-recommends --download-only -t "$release-backports" qgis python3-qgis >&2 || return 1
    rm -rf "$folder"
    mkdir -p "$folder"
    local package
    for package in "$folder.apt"/cache/archives/*.deb; do dpkg -x "$package" "$folder" || return 1; done
    rm -rf "$folder.apt"
    touch "$folder/.unpacked"
}

# in_folder FOLDER COMMAND...: the command with the QGIS unpacked in FOLDER in front of the installed one.
in_folder() {
    local folder=$1
    shift
    env LD_LIBRARY_PATH="$folder/$libraries:$folder/usr/lib" QGIS_PREFIX_PATH="$folder/usr" PATH="$folder/usr/bin:$PATH" \
        PYTHONPATH="$folder/usr/lib/python3/dist-packages:$folder/usr/share/qgis/python" "$@"
}

# in_root COMMAND...: the command inside the Debian 13, this folder seen as /src; the mounts vanish with the command.
in_root() {
    # shellcheck disable=SC2016  (expanded by the inner shell)
    unshare --mount --propagation private bash -euc '
        root=$1 source=$2; shift 2
        cp /etc/resolv.conf /etc/hosts "$root/etc/"
        mkdir -p "$root/src"
        mount --bind "$source" "$root/src"
        mount -t proc proc "$root/proc"
        mount -t tmpfs tmpfs "$root/dev"
        for node in "null 3" "zero 5" "full 7" "random 8" "urandom 9"; do
            mknod -m 666 "$root/dev/${node% *}" c 1 "${node#* }"
        done
        ln -s /proc/self/fd "$root/dev/fd"
        mkdir -m 1777 "$root/dev/shm" && mount -t tmpfs tmpfs "$root/dev/shm"
        exec chroot "$root" /usr/bin/env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
            PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"' _ "$keep/trixie" "$here" "$@"
}

# make_root: a Debian 13 with QGIS and a .venv for the tests at /venv. The wheels are fetched from out here, where the
# package index is known, and installed in there without a network.
make_root() {
    local stamp python
    stamp=$keep/trixie/.ready-$(cat constraints.txt requirements-test.txt | sha256sum | cut -c1-16)
    [ -e "$stamp" ] && return 0
    if [ ! -d "$keep/trixie" ]; then
        say "making a Debian 13 in .matrix/trixie (2.5 GB)"
        rm -rf "$keep/trixie.part"
        debootstrap --variant=minbase --keyring="$keyring" trixie "$keep/trixie.part" "$mirror" >&2 || return 1
        mv "$keep/trixie.part" "$keep/trixie"
    fi
    in_root apt-get -qq update >&2 || return 1
    # shellcheck disable=SC2086  (a list of words)
    in_root apt-get -qq install -y --no-install-recommends qgis python3-qgis $companions >&2 || return 1
    python=$(in_root python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    .venv/bin/pip download -q --disable-pip-version-check --dest "$keep/wheels-$python" --only-binary :all: \
        --python-version "$python" --implementation cp --platform "manylinux_2_28_$(uname -m)" \
        --platform "manylinux_2_27_$(uname -m)" --platform "manylinux2014_$(uname -m)" --platform "manylinux_2_17_$(uname -m)" \
        -r requirements-test.txt >&2 || return 1
    in_root python3 -m venv --clear --system-site-packages /venv || return 1
    in_root env PIP_NO_INDEX=1 PIP_FIND_LINKS="/src/.matrix/wheels-$python" /venv/bin/pip install -q \
        -c /src/constraints.txt -r /src/requirements-test.txt >&2 || return 1
    touch "$stamp"
}

# measure ROW PYTHON RESULTS ARGUMENTS...: versions and results of one row, as files for the table. Called through one of
# the wrappers above, so it is text that a fresh shell runs.
measure='
    row=$1 python=$2 results=$3; shift 3
    export QT_QPA_PLATFORM=offscreen PYTHONDONTWRITEBYTECODE=1
    "$python" -m scripts.matrix_table versions >"$results/$row.versions" || exit 1
    "$python" -m pytest -q -p no:cacheprovider -n auto --maxprocesses 4 --dist loadfile \
        --no-loadscope-reorder --junitxml "$results/$row.xml" "$@" >"$results/$row.log" 2>&1'

# run ROW WRAPPER...: one row; a test that failed is a fact for the table and no reason to stop.
run() {
    local row=$1 python=.venv/bin/python at=$results folder=.
    shift
    [ "$row" = trixie ] || [ "$row" = newest ] && python=/venv/bin/python at=/src/.matrix/results folder=/src
    say "$row: running; its output is in .matrix/results/$row.log"
    "$@" bash -c "cd '$folder'; $measure" _ "$row" "$python" "$at" "${arguments[@]}" || true
    [ -e "$results/$row.xml" ] || leave_out "$row" "it ended before the first result; see .matrix/results/$row.log"
}

row_system() { run system env; }

row_beside() {
    local release=
    # shellcheck disable=SC1091
    [ -r /etc/os-release ] && release=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    if [ "$release" != bookworm ]; then
        leave_out beside "the packages of Debian 12's backports fit Debian 12 only, and this is ${release:-another system}."
    elif ! unpack bookworm "$keep/beside"; then
        leave_out beside "the packages of Debian 12's backports could not be fetched from $mirror."
    else
        run beside in_folder "$keep/beside"
    fi
}

# with_root ROW: whether there is a Debian 13 to run in; says why not.
with_root() {
    if [ "$(id -u)" -ne 0 ]; then
        leave_out "$1" "a Debian of its own needs root; run make test-matrix as root."
    elif [ ! -d "$keep/trixie" ] && ! command -v debootstrap >/dev/null; then
        leave_out "$1" "a Debian of its own needs debootstrap; install it (apt-get install debootstrap)."
    elif ! unshare --mount true 2>/dev/null; then
        leave_out "$1" "this machine is itself a container that may not mount (unshare --mount)."
    elif ! make_root; then
        leave_out "$1" "the Debian 13 could not be made; the messages above say why."
    else
        return 0
    fi
    return 1
}

row_trixie() { if with_root trixie; then run trixie in_root; fi; }

row_newest() {
    with_root newest || return 0
    # The same steps, inside.
    if in_root env MATRIX_UNPACK="trixie /opt/newest" MATRIX_MIRROR="$mirror" bash /src/scripts/matrix.sh; then
        run newest in_root env MATRIX_FOLDER=/opt/newest bash /src/scripts/matrix.sh
    else
        leave_out newest "the packages of Debian 13's backports could not be fetched from $mirror."
    fi
}

# Inside the other Debian this file is called again, for one step each.
if [ -n "${MATRIX_UNPACK:-}" ]; then
    # shellcheck disable=SC2086  (a release and a folder)
    unpack $MATRIX_UNPACK
    exit
elif [ -n "${MATRIX_FOLDER:-}" ]; then
    in_folder "$MATRIX_FOLDER" "$@"
    exit
fi

arguments=("$@")
[ "$#" -gt 0 ] || arguments=(tests)
rm -rf "$results"
mkdir -p "$results"
for row in ${MATRIX:-system beside trixie newest}; do "row_$row"; done
exec .venv/bin/python -m scripts.matrix_table print "$results"
