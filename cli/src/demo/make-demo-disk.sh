#!/bin/sh
# Makes the disk that `fallow demo` unpacks, with the real tools of Linux: a GPT disk with a boot
# loader's partition, ext4, XFS and swap, on which files were written and most of them deleted.
# Needs root, sgdisk, mkfs.ext4, mkfs.xfs, mkswap, qemu-img and zstd.
#
#   sudo cli/src/demo/make-demo-disk.sh cli/src/main/resources/io/fallow/cli/demo/demo.qcow2.zst
set -eu

target=${1:?usage: make-demo-disk.sh TARGET.zst}
work=$(mktemp -d)
disk=$work/demo.raw
loops=""

clean() {
  umount "$work/mnt" 2>/dev/null || true
  for loop in $loops; do losetup -d "$loop" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean EXIT INT TERM

# partition FIRST_MIB SIZE_MIB: prints a loop device over that part of the disk
partition() {
  losetup --find --show -o $(($1 * 1048576)) --sizelimit $(($2 * 1048576)) "$disk"
}

# text NAME MIB: log lines that compress well and are never zero
text() {
  awk -v name="$1" -v bytes=$(($2 * 1048576)) 'BEGIN {
    for (done = 0; done < bytes; done += length(line) + 1) {
      line = sprintf("2026-03-14T02:%02d:%02dZ %s worker-%d request served, 200, %d ms",
                     (n / 60) % 60, n % 60, name, n % 7, 10 + n % 90)
      print line
      n++
    }
  }'
}

# files DIR COUNT MIB: COUNT files of MIB each; all of one directory have the same content
files() {
  mkdir -p "$work/mnt/$1"
  text "$1" "$3" > "$work/text"
  for number in $(seq "$2"); do cp "$work/text" "$work/mnt/$1/$number.log"; done
}

truncate -s 2048M "$disk"
sgdisk -o \
  -n 1:1M:+1M -t 1:ef02 -c 1:'BIOS boot' \
  -n 2:2M:+1400M -t 2:8300 -c 2:root \
  -n 3:1402M:+448M -t 3:8300 -c 3:data \
  -n 4:1850M:+197M -t 4:8200 -c 4:swap \
  "$disk" > "$work/log"
# A boot loader's code: some bytes that are not zero.
printf 'boot loader of the demonstration disk\n' |
  dd of="$disk" bs=1M seek=1 conv=notrunc status=none

mkdir "$work/mnt"

ext4=$(partition 2 1400); loops="$loops $ext4"
mkfs.ext4 -q -L root -U 5ca1ab1e-0000-4000-8000-000000000002 -E nodiscard,lazy_itable_init=0,lazy_journal_init=0 "$ext4"
mount "$ext4" "$work/mnt"
files var/log 28 8
files home/user 6 2
sync
rm -r "$work/mnt/var/log"
files var/log 2 4
umount "$work/mnt"

xfs=$(partition 1402 448); loops="$loops $xfs"
mkfs.xfs -q -K -L data -m uuid=5ca1ab1e-0000-4000-8000-000000000003 "$xfs"
mount "$xfs" "$work/mnt"
files backup 10 8
files database 1 4
sync
rm -r "$work/mnt/backup"
umount "$work/mnt"

swap=$(partition 1850 197); loops="$loops $swap"
# What the guest once swapped out.
text swapped 48 | dd of="$swap" bs=1M seek=1 status=none
mkswap -q -L swap -U 5ca1ab1e-0000-4000-8000-000000000004 "$swap"

for loop in $loops; do losetup -d "$loop"; done
loops=""

qemu-img convert -f raw -O qcow2 "$disk" "$work/demo.qcow2"
zstd -q -19 --long=24 -T0 -f "$work/demo.qcow2" -o "$target"
ls -ls "$work/demo.qcow2" "$target"
