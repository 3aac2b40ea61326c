#!/bin/sh
# Capsule for Kiro. Kiro runs this at the end of an agent turn; it tells capsule-kiro's daemon that a turn ended here.
#
#   capsule-dispatch.sh          Kiro 0.x: data, if any, is in USER_PROMPT; stdin is never touched (Kiro leaves it open)
#   capsule-dispatch.sh stdin    Kiro 1.x: JSON on stdin, which Kiro writes and closes
#
# It writes one small file into the folder that the daemon watches. It prints nothing, exits 0 and holds no secret. Only when
# the daemon is gone, or did not take the ring before, a child for which nobody waits knocks at its socket, and starts it.
exec >/dev/null 2>&1
trap 'exit 0' EXIT
umask 077
PATH=/usr/bin:/bin:/usr/sbin:/sbin
IFS= read -r home <"${0%/*}/capsule-home" || exit 0

# By builtins only: each program started here is a wait for the user. Where there is /proc, the daemon links `alive` to the
# endpoint as it holds it open: the two are one file while that very process lives, whoever gets its number later.
# shellcheck disable=SC3013 # In POSIX since 2024, and long in every shell that is somewhere's sh.
alive() {
  [ "$home/alive" -ef "$home/endpoint.json" ] && return
  [ ! -h "$home/alive" ] && { read -r _ && read -r _ pid _; } <"$home/endpoint.json" && kill -0 "${pid%,}"
}

if [ "$1" = knock ]; then
  sleep 1
  alive && [ ! -e "$2" ] && exit 0
  curl --disable --silent --fail --max-time 2 --unix-socket "$home/run/d.sock" --data-binary "@$2" "http://local/v1/ring?name=${2##*/}" && exit 0
  # A daemon that cannot come up is tried twice a minute, however many turns there are.
  now=$(date +%s) last=0
  read -r last <"$home/run/started"
  case $last in '' | *[!0-9]*) last=0 ;; esac
  [ "$last" -le "$now" ] && [ $((now - last)) -lt 30 ] && exit 0
  printf '%s\n' "$now" >"$home/run/started"
  CAPSULE_KIRO_HOME=$home "$home/bin/capsule-kiro" start
  exit 0
fi

# Before the ring is written, since then the daemon takes it out of the folder, and a look into it waits for that. For rings
# that a living daemon leaves lying, the first eight knock and then every eighth.
n=0 knock=yes
if alive; then
  set -- "$1" "$home"/rings/*.json
  { [ ! -e "$2" ] || { [ $# -gt 9 ] && [ $(($# % 8)) -ne 0 ]; }; } && knock=no
fi
while [ -e "$home/rings/$$-$n.json" ]; do n=$((n + 1)); done
ring=$home/rings/$$-$n.json
set -C
if [ "$1" != stdin ]; then
  case $USER_PROMPT in '{'*'}') payload=$USER_PROMPT ;; *) payload='{}' ;; esac
  case $PWD in '' | *[\"\\]* | *[[:cntrl:]]*) cwd=null ;; *) cwd=\"$PWD\" ;; esac
  printf '{"from":"env","cwd":%s,"payload":%s}\n' "$cwd" "$payload" >"$ring" || exit 0
fi
# Kiro kills the hook's process group when its time is up; the child must not be in it, nor hold its pipes.
if [ "$knock" = yes ]; then
  if [ -x /usr/bin/setsid ]; then leave=setsid; else leave='' && set -m; fi
  $leave "$0" knock "$ring" </dev/null &
fi
[ "$1" = stdin ] && { exec head -c 262144; } >"$ring"
