#!/bin/sh
# What the kernel does for the same job: loop mount, fstrim, umount. Needs root.
#
#   bench/kernel-trim.sh DISK.raw
set -eu
loop=$(losetup --find --show --offset 1048576 --sizelimit $(($(stat -c %s "$1") - 2097152)) "$1")
mountpoint=$(mktemp -d)
mount "$loop" "$mountpoint"
fstrim "$mountpoint"
umount "$mountpoint"
losetup --detach "$loop"
rmdir "$mountpoint"
