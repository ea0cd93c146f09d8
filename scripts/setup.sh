#!/usr/bin/env bash
# Make .venv: setup.sh [PYTHON]. What is installed is pinned with hashes; the project is editable.
set -euo pipefail
cd "$(dirname "$0")/.."

fits() {
  "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}

wanted=${1:-}
if [ -n "$wanted" ]; then
  fits "$wanted" || { echo "PYTHON=$wanted is no Python 3.11, 3.12 or 3.13." >&2; exit 1; }
  python=$wanted
else
  python=
  for name in python3.13 python3.12 python3.11 python3; do
    if fits "$name"; then python=$name; break; fi
  done
  [ -n "$python" ] || {
    echo "No Python 3.11, 3.12 or 3.13 is on the PATH: install one, or run make PYTHON=/path/to/python." >&2
    exit 1
  }
fi

if ! fits .venv/bin/python; then
  rm -rf .venv
  said=$("$python" -m venv .venv 2>&1) || {
    rm -rf .venv
    echo "$said" >&2
    echo "Python's venv module does not work: on Debian, apt-get install python3-venv." >&2
    exit 1
  }
fi

echo "Installing into .venv ($(.venv/bin/python -V)) …"
pip() { .venv/bin/python -m pip --disable-pip-version-check -qq "$@"; }
pip install --require-hashes -r requirements.lock || {
  echo "The pinned packages could not be installed; the lines above say which. Is PyPI reachable?" >&2
  exit 1
}
pip install --no-build-isolation --no-deps --editable . || {
  echo "The project itself could not be installed; the lines above say why." >&2
  exit 1
}
