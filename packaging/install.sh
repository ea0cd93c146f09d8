#!/bin/sh
# Install Chengshu from the wheels beside this script; nothing is fetched from a network.
#   install.sh [--prefix DIR] [--python PYTHON] [--systemd]
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=/opt/chengshu
python=
units=no

while [ $# -gt 0 ]; do
  case $1 in
    --prefix) prefix=${2:?--prefix needs a folder}; shift 2 ;;
    --python) python=${2:?--python needs a program}; shift 2 ;;
    --systemd) units=yes; shift ;;
    *) echo "usage: install.sh [--prefix DIR] [--python PYTHON] [--systemd]" >&2; exit 2 ;;
  esac
done

wanted=@PYTHON@
: "${python:=python$wanted}"
have=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || true)
if [ "$have" != "$wanted" ]; then
  echo "This bundle was made for Python $wanted, and $python is ${have:-not there}: install it, or name it with --python." >&2
  exit 1
fi
if [ "$(uname -m)" != "@MACHINE@" ]; then
  echo "This bundle was made for @MACHINE@, and this machine is $(uname -m): make the bundle on a machine of its kind." >&2
  exit 1
fi
if [ "$units" = yes ] && [ "$(id -u)" != 0 ]; then
  echo "--systemd writes to /etc and makes a user: run it as root." >&2
  exit 1
fi

umask 022
mkdir -p "$prefix"
prefix=$(cd "$prefix" && pwd)
"$python" -m venv --clear "$prefix/venv" || {
  echo "Python's venv module does not work: on Debian, apt-get install python$wanted-venv." >&2
  exit 1
}
"$prefix/venv/bin/python" -m pip -qq --disable-pip-version-check install \
  --no-index --find-links "$here/wheels" "chengshu==@VERSION@"
cp "$here/README.txt" "$here/LICENSE" "$here/NOTICE" "$prefix/"

if [ "$units" = yes ]; then
  id chengshu >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin chengshu
  install -d -m 0700 -o chengshu -g chengshu /var/lib/chengshu
  install -d -m 0755 /etc/chengshu
  [ -e /etc/chengshu/settings.toml ] ||
    install -m 0640 -o root -g chengshu "$here/settings.toml" /etc/chengshu/settings.toml
  for unit in "$here"/systemd/*.service; do
    sed "s|@PREFIX@|$prefix|g" "$unit" >"/etc/systemd/system/$(basename "$unit")"
  done
  if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
fi
echo "Chengshu $("$prefix/venv/bin/chengshu" version) is in $prefix. README.txt there says what comes next."
