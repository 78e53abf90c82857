#!/bin/sh
# Builds the bench programs into prebuilt/ with Debian's gcc-riscv64-unknown-elf. The images are committed: the bench needs no compiler.
set -eu
cd "$(dirname "$0")"
for program in sieve sort calls divide float vm memory; do
  case $program in
    float) target='-march=rv64imafdc_zicsr -mabi=lp64d' ;;
    *) target='-march=rv64imac_zicsr -mabi=lp64' ;;
  esac
  # shellcheck disable=SC2086 -- two options
  riscv64-unknown-elf-gcc $target -mcmodel=medany -O2 -std=c11 -Wall -Wextra -Werror \
    -ffreestanding -fno-math-errno -fno-tree-loop-distribute-patterns -nostdlib -static -Wl,-T,bench.lds \
    -Wl,--build-id=none,--no-warn-rwx-segments -o "prebuilt/$program.elf" start.S "$program.c"
  riscv64-unknown-elf-objcopy -O binary "prebuilt/$program.elf" "prebuilt/$program.bin"
  rm "prebuilt/$program.elf"
done
