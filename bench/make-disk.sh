#!/bin/sh
# Makes the disk of the main comparison: SIZE GiB with a GPT and one ext4, on which a guest wrote
# 430 MB that it keeps and 3.2 GB that it deleted. Needs root, sgdisk, mke2fs and a loop device.
#
#   bench/make-disk.sh DISK.raw [SIZE]
set -eu
disk=$1
size=${2:-20}
start=1048576
length=$(((size << 30) - 2 * start))

rm -f "$disk"
truncate -s "${size}G" "$disk"
sgdisk --clear --new=1:2048:+$((length / 1024))K --typecode=1:8300 "$disk" >/dev/null
loop=$(losetup --find --show --offset $start --sizelimit $length "$disk")
mountpoint=$(mktemp -d)
trap 'umount "$mountpoint" 2>/dev/null || :; losetup --detach "$loop" || :; rmdir "$mountpoint"' EXIT
mke2fs -q -t ext4 -E nodiscard "$loop"
mount "$loop" "$mountpoint"

# Many small files and some large ones, every eighth of which stays: free space in many extents.
i=0
while [ $i -lt 400 ]; do
  mkdir "$mountpoint/d$i"
  head -c 8192000 /dev/urandom >"$mountpoint/d$i/large"
  head -c 1000000 /dev/urandom | split -b 20000 - "$mountpoint/d$i/small-"
  i=$((i + 1))
done
sync
i=0
while [ $i -lt 400 ]; do
  [ $((i % 8)) -eq 0 ] || rm -r "$mountpoint/d$i"
  i=$((i + 1))
done
sync
umount "$mountpoint"
