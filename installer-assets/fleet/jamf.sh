#!/bin/sh
# Sample for Jamf Pro, and for any other agent that runs scripts as root on a Mac: installs Capsule for Kiro for whoever sits at
# the console. Installing is per user, so root does it as that user; `capsule-kiro install` refuses to do it as root.
#
# $4  the portal: https://capsule.example
# $5  the executable, as a package of yours has put it on this Mac (owned by root, readable by all)
# $6  a file with the enrolment code, owned by root, mode 600. Not the code itself: every process can read arguments.
#
# Prints the one JSON object of `install --quiet --json`. Exits as it does: 0 done, 1 failed, 2 wrong usage, 3 it works but
# something needs you; 0 as well when nobody is at the console, because the next check-in tries again.
set -eu
portal=${4:?the address of the portal}
program=${5:-/usr/local/capsule-kiro/capsule-kiro}
code=${6:-/Library/Application Support/Capsule Kiro/code}

user=$(stat -f %Su /dev/console)
case $user in
root | loginwindow | _mbsetupuser | '')
  printf 'Nobody is at the console: nothing was done.\n'
  exit 0
  ;;
esac
uid=$(id -u "$user")
# The code is read by root and goes through a pipe: the user never has the file, no argument has the code.
# launchctl puts it into the user's own session, where its daemon can be started; sudo -H makes it the user, with their home.
exec launchctl asuser "$uid" sudo -H -u "$user" -- "$program" install --portal "$portal" --code-stdin --quiet --json <"$code"
