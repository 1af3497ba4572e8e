#!/usr/bin/env bash
# Makes the environment once, while the image is built. Where there is no Python that will do, it
# takes one from Debian or Ubuntu, for which it must be root or may use sudo.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
python=
for name in python3.13 python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null && "$name" -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$name
        break
    fi
done
if [[ -z $python ]]; then
    apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq)
    [[ $EUID -eq 0 ]] || apt=(sudo "${apt[@]}")
    "${apt[@]}" update
    "${apt[@]}" install -y python3.11 python3.11-venv >/dev/null || "${apt[@]}" install -y python3 python3-venv >/dev/null
    python=$(command -v python3.11 || command -v python3)
fi
"$python" -m venv "${AUTOGRADER_ENVIRONMENT:-/opt/autograder}"
pip=("${AUTOGRADER_ENVIRONMENT:-/opt/autograder}/bin/pip" install --quiet --disable-pip-version-check --constraint "$here/constraints.txt")
"${pip[@]}" {{torch_index}}torch
"${pip[@]}" "$here/package{{extras}}"{{others}}
if [[ -d $here/course ]]; then chmod -R go-rwx "$here/course"; fi
