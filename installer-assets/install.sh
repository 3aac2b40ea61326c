#!/bin/sh
# Installs Capsule for Kiro for this user. It needs no root, and running it again is safe.
#
# What it does: takes the executable for this machine from {{portal}}, or one that lies beside this file; compares it with
# the SHA-256 below; runs its `install`, which puts it in its place, connects Kiro and says each change it makes.
# What it holds: the portal's address, checksums, and an enrolment code that is worth nothing after {{expires}}.
#
# Everything stands between two braces: a shell runs none of it before it has read the last line, so a file that was cut off
# on its way does nothing at all.
{
set -eu
umask 077
portal={{portal:quoted}}
code={{code:quoted}}
sums={{sums:quoted}}
set -- {{arguments:quoted}} "$@"

say() { printf '%s\n' "$*" >&2; }
stop() {
  say "capsule-kiro was not installed: $1"
  [ $# -lt 2 ] || say "  $2"
  exit 1
}
has() { command -v "$1" >/dev/null 2>&1; }

case $(uname -s) in
Linux) system=linux ;;
Darwin) system=darwin ;;
*) stop "this installer is for Linux and macOS, and this is $(uname -s)" 'On Windows run capsule-kiro-install.ps1.' ;;
esac
case $(uname -m) in
x86_64 | amd64) processor=x64 ;;
aarch64 | arm64) processor=arm64 ;;
*) stop "there is no executable for the processor $(uname -m)" ;;
esac
# A shell that Rosetta translates says x86_64 on a Mac that is none.
[ "$system" != darwin ] || [ "$(sysctl -n sysctl.proc_translated 2>/dev/null || echo 0)" != 1 ] || processor=arm64

file=capsule-kiro-$system-$processor
wanted=$(printf '%s\n' "$sums" | while read -r sum name; do [ "$name" != "$file" ] || printf %s "$sum"; done)
[ -n "$wanted" ] || stop "this portal has no $file" 'Ask your administrator to add it, and for a new installer.'

if has sha256sum; then digest() { sha256sum <"$1"; }
elif has shasum; then digest() { shasum -a 256 <"$1"; }
elif has openssl; then digest() { openssl dgst -sha256 -r <"$1"; }
else stop 'nothing here can compute a SHA-256' 'Install sha256sum, shasum or openssl.'; fi

# In the home, not in /tmp: that is often mounted so that nothing in it may run.
folder=$(mktemp -d "${HOME:?}/.capsule-kiro-install.XXXXXX") || stop "no folder can be made in $HOME"
trap 'rm -rf "$folder"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
executable=$folder/capsule-kiro

beside=$(dirname -- "$0")/$file
if [ -f "$beside" ]; then
  say "Using $file, which lies beside this installer."
  # Read and written, not copied: what a browser marked as downloaded would be stopped, and its checksum says more.
  cat -- "$beside" >"$executable"
else
  say "Fetching $file from $portal …"
  if has curl; then
    if [ -t 2 ]; then bar=--progress-bar; else bar=--silent; fi
    curl --fail --show-error "$bar" --compressed --retry 3 --connect-timeout 20 --output "$executable" "$portal/v1/download/$file" ||
      stop "$file could not be fetched from $portal" 'Check the network and the proxy (HTTPS_PROXY), then run this again.'
  elif has wget; then
    wget -q -O "$executable" "$portal/v1/download/$file" ||
      stop "$file could not be fetched from $portal" 'Check the network and the proxy (https_proxy), then run this again.'
  else
    stop 'neither curl nor wget is here' "Put $file beside this installer, then run it again."
  fi
fi

read -r got _ <<END
$(digest "$executable")
END
[ "$got" = "$wanted" ] || stop "$file is not what your administrator released (SHA-256 $got, not $wanted)" 'Nothing was run. Try again; if it stays so, tell your security team.'
chmod 700 "$executable"
"$executable" --version >/dev/null || stop "$file does not start on this machine" 'What it printed above says why. It needs glibc on Linux and macOS 13.5 or later.'

# By the shell's own printf and a pipe: arguments and files can be read by others.
ended=0
printf '%s\n' "$code" | "$executable" install --portal "$portal" --code-stdin "$@" || ended=$?
exit "$ended"
}
