#!/usr/bin/env bash
# Pin anew: every version with its hashes and no download host. Releases of the last week are
# left out: a spoilt one is usually found and withdrawn within days.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v uv >/dev/null || { echo "uv is missing: pip install uv (anywhere but in .venv)." >&2; exit 1; }
before=${1:-$(date -u -d '7 days ago' +%F)}
uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
  --no-emit-index-url --no-header --extra bench --extra dev --exclude-newer "$before" \
  --output-file requirements.lock pyproject.toml
python3 scripts/lint/lock_has_no_host.py
