#!/usr/bin/env bash
# Install from Debian what the tests need and is missing; without the right to, say what is missing.
set -euo pipefail
needed=(chromium fonts-noto-cjk)

if ! command -v dpkg-query >/dev/null; then
  command -v chromium >/dev/null && exit 0
  echo "This is no Debian: install Chromium (as «chromium» on the PATH) and Chinese fonts by hand." >&2
  exit 1
fi

missing=()
for package in "${needed[@]}"; do
  state=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if [ "$(id -u)" = 0 ]; then
  may=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  may=(sudo -n)
else
  echo "Missing for the browser tests: ${missing[*]}. Run: sudo make deps" >&2
  exit 1
fi

get() { "${may[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@" </dev/null >/dev/null; }
echo "Installing ${missing[*]} …"
get install --yes --no-install-recommends "${missing[@]}" 2>/dev/null ||
  { get update && get install --yes --no-install-recommends "${missing[@]}"; } ||
  { echo "apt-get could not install ${missing[*]}; the lines above say why." >&2; exit 1; }
