#!/usr/bin/env bash
# fetch.sh [SUITE…]: the kernel of a Debian suite (trixie and sid, unless named) for riscv64, a static busybox and a few modules
# into cache/SUITE/, for the tests beside this file. Needs apt, xz, and Debian's archive key; no root.
#
#   Image         the kernel as the package has it: a flat image with an EFI stub
#   busybox       statically linked
#   modules/      NN-NAME.ko, decompressed; in the order of their names each finds what it needs
#   packages      what all that is from, and which modules were asked for; nothing is downloaded again while the suite has the same
#
# apt keeps a state of its own here: the machine's sources and packages are neither used nor changed. It checks the suite's
# signature and the packages' hashes.
set -euo pipefail
cache=$(cd "$(dirname "$0")" && pwd)/cache
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

keyring=/usr/share/keyrings/debian-archive-keyring
[ -e "$keyring.gpg" ] && keyring+=.gpg || keyring+=.pgp

# The machine has virtio devices on its memory bus; everything else that the tests use is part of the kernel. ext4 asks the kernel for
# crc32c by the algorithm's name, so no module names it (up to 6.12; later kernels have it built in).
modules=(virtio_mmio virtio_blk virtio_rng crc32c_generic ext4)

apt_state() {
  state=$work/$1
  mkdir -p "$state"/{lists/partial,archives/partial,preferences}
  : >"$state/status"
  echo "deb [arch=riscv64 signed-by=$keyring] http://deb.debian.org/debian $1 main" >"$state/sources.list"
}

# In the state that apt_state made; the rest of the machine's configuration, such as a proxy, stays in force.
apt() {
  local tool=$1
  shift
  "$tool" -q -o APT::Architecture=riscv64 -o APT::Architectures=riscv64 -o APT::Sandbox::User=root \
    -o Dir::State="$state" -o Dir::State::status="$state/status" -o Dir::Cache="$state" \
    -o Dir::Etc::sourcelist="$state/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$state/preferences" \
    -o Acquire::Languages=none -o Acquire::Retries=3 "$@"
}

# The packages that hold the kernel: one up to trixie; an image that depends on a binary and on modules after that.
kernel_packages() {
  apt apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces --no-enhances \
    --important linux-image-riscv64 | sed -nE 's/^(linux-(image|binary|modules)-[0-9].*)/\1/p' | sort -u
}

# add_module FOLDER NAME: the module, after those that it names in its .modinfo. A name that has no file is built in.
add_module() {
  local folder=$1 name=$2 file needed
  [ -z "${added[$name]:-}" ] || return 0
  added[$name]=1
  file=$(find "$folder" -name "${name//_/[_-]}.ko*" -print -quit)
  [ -n "$file" ] || return 0
  case $file in
    *.xz) xz -dc "$file" >"$work/$name.ko" ;;
    *) cp "$file" "$work/$name.ko" ;;
  esac
  for needed in $(tr '\0' '\n' <"$work/$name.ko" | sed -nE 's/^(depends=|softdep=pre: )//p' | tr ', ' '\n\n'); do
    add_module "$folder" "${needed//-/_}"
  done
  mv "$work/$name.ko" "$target/modules/$(printf %02d $count)-$name.ko"
  count=$((count + 1))
}

fetch() {
  local suite=$1 packages versions deb name
  apt_state "$suite"
  apt apt-get update >&2
  mapfile -t packages < <(kernel_packages)
  versions=$(apt apt-cache show --no-all-versions "${packages[@]}" busybox-static | sed -nE 's/^Filename: .*\///p')
  versions+=$'\n'"modules: ${modules[*]}"
  if [ "$versions" = "$(cat "$cache/$suite/packages" 2>/dev/null)" ]; then
    echo "$suite: as fetched before"
    return
  fi
  mkdir "$state/debs" "$state/files"
  (cd "$state/debs" && apt apt-get download "${packages[@]}" busybox-static >&2)
  for deb in "$state"/debs/*.deb; do dpkg-deb -x "$deb" "$state/files"; done

  target=$state/target
  mkdir -p "$target/modules"
  cp "$(find "$state/files/boot" "$state/files/usr/lib/modules" -name 'vmlinu[xz]*' -print -quit 2>/dev/null)" "$target/Image"
  cp "$state/files/usr/bin/busybox" "$target/busybox"
  declare -A added=()
  count=0
  for name in "${modules[@]}"; do add_module "$state/files/usr/lib/modules" "$name"; done
  echo "$versions" >"$target/packages"
  rm -rf "${cache:?}/$suite"
  mkdir -p "$cache"
  mv "$target" "$cache/$suite"
  echo "$suite: ${packages[*]}"
}

for suite in "${@:-trixie sid}"; do
  for name in $suite; do fetch "$name"; done
done
