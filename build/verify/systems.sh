#!/usr/bin/env bash
# Makes the small systems that `npm run verify` starts executables in: systems.sh FOLDER. It takes root and debootstrap, minutes,
# and a gigabyte, most of it Wine. Prints what to set; what cannot be made in five minutes is said on standard error and left out.
set -uo pipefail
folder=${1:?systems.sh FOLDER}
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
mkdir -p "$folder"

# The oldest that is claimed, the one that Wine is put into, and the newest there is, which this debootstrap may not know by name.
make() {
  local root=$folder/$1 script=/usr/share/debootstrap/scripts/$1
  [ -e "$script" ] || script=/usr/share/debootstrap/scripts/sid
  [ -e "$root/etc/os-release" ] && return
  timeout 300 debootstrap --variant=minbase "$1" "$root" "$mirror" "$script" >"$folder/$1.log" 2>&1 && return
  echo "$1 could not be made: $(tail -n 1 "$folder/$1.log")" >&2
  rm -rf --one-file-system "$root"
  return 1
}

roots=()
for name in bullseye trixie forky; do make "$name" && roots+=("$folder/$name"); done
echo "VERIFY_ROOTS=$(IFS=:; echo "${roots[*]}")"

# Wine needs these two, and whoever deletes the folder has to unmount them first.
wine=$folder/trixie
if [ -d "$wine/etc" ]; then
  mountpoint -q "$wine/proc" || mount -t proc proc "$wine/proc"
  mountpoint -q "$wine/dev" || mount --bind /dev "$wine/dev"
  if chroot "$wine" env DEBIAN_FRONTEND=noninteractive timeout 300 apt-get install -y -qq --no-install-recommends wine wine64 \
    >"$folder/wine.log" 2>&1; then
    echo "VERIFY_WINE_ROOT=$wine"
  else
    echo "wine could not be installed: $(tail -n 1 "$folder/wine.log")" >&2
  fi
fi
