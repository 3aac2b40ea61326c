#!/bin/sh
# Capsule for Kiro. Kiro runs this at the end of an agent turn; it tells capsule-kiro's daemon that a turn ended here.
#
#   capsule-dispatch.sh          Kiro 0.x: data, if any, is in USER_PROMPT; stdin is never touched (Kiro leaves it open)
#   capsule-dispatch.sh stdin    Kiro 1.x: JSON on stdin, which Kiro writes and closes
#
# It writes one small file into the daemon's rings folder and returns. It prints nothing, always exits 0, and holds no secret.
# A child of its own session then knocks at the daemon's socket, and starts the daemon if nobody is there.
exec 2>/dev/null >/dev/null
umask 077
PATH=/usr/bin:/bin:/usr/sbin:/sbin
IFS= read -r home <"${0%/*}/capsule-home" || exit 0
[ -d "$home/rings" ] || exit 0

if [ "$1" = knock ]; then
  curl --disable --silent --fail --max-time 2 --unix-socket "$home/run/d.sock" --data-binary "@$2" "http://local/v1/ring?name=${2##*/}" ||
    CAPSULE_KIRO_HOME=$home "$home/bin/capsule-kiro" start
  exit 0
fi

n=0
while [ -e "$home/rings/$$-$n.json" ]; do n=$((n + 1)); done
ring=$home/rings/$$-$n.json
set -C
if [ "$1" = stdin ]; then
  { printf '{"from":"stdin","payload":' && head -c 262144 && printf '}\n'; } >"$ring"
else
  case $USER_PROMPT in '{'*'}') payload=$USER_PROMPT ;; *) payload='{}' ;; esac
  case $PWD in '' | *[\"\\]* | *[[:cntrl:]]*) cwd=null ;; *) cwd=\"$PWD\" ;; esac
  printf '{"from":"env","cwd":%s,"payload":%s}\n' "$cwd" "$payload" >"$ring"
fi

# Kiro kills the hook's process group when its time is up; the child must not be in it, nor hold its pipes.
if [ -x /usr/bin/setsid ]; then
  setsid "$0" knock "$ring" </dev/null &
else
  set -m
  "$0" knock "$ring" </dev/null &
fi
exit 0
