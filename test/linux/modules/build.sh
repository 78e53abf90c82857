#!/usr/bin/env bash
# build.sh SOURCE FOLDER: builds Linux 6.12 from its SOURCE with modules of its own and those beside this file, and leaves
# vmlinux-modules.gz, modules.cpio and modules/ in FOLDER, for ../modules.test.ts. Needs riscv64-linux-gnu-gcc; takes some ten minutes.
#
# The source is, for example, that of Debian's package linux-source-6.12.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source=$(realpath "$1")
folder=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export ARCH=riscv CROSS_COMPILE=riscv64-linux-gnu-
mkdir "$work/kernel" "$work/modules"

make -C "$source" O="$work/kernel" tinyconfig
(cd "$source" && scripts/kconfig/merge_config.sh -O "$work/kernel" "$work/kernel/.config" "$here/kernel.fragment")
make -C "$source" O="$work/kernel" -j"$(nproc)" vmlinux modules
cp "$here"/{Makefile,unwind_demo.c,unwind_user.c} "$work/modules"
make -C "$work/kernel" M="$work/modules" modules

files=("$work"/modules/*.ko "$work/kernel/lib/crc7.ko")
mkdir -p "$folder/modules"
cp "${files[@]}" "$folder/modules"
"${CROSS_COMPILE}strip" -g "${files[@]}"
"${CROSS_COMPILE}gcc" -O2 -march=rv64gc -mabi=lp64d -nostdlib -static -fno-builtin -fno-stack-protector \
  "$here/init.c" -o "$work/init"
(cd "$here/../../.." && npx tsx "$here/initramfs.ts" "$folder/modules.cpio" "$work/init" "${files[@]}")
gzip -9 <"$work/kernel/vmlinux" >"$folder/vmlinux-modules.gz"
