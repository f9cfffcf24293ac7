#!/bin/bash
# Makes the images beside it with xfsprogs 6.1 and a Linux kernel. Needs root, for loop mounts.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'umount "$work/mnt" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/mnt"

make() { # NAME SIZE MKFS-OPTIONS…
  local name=$1 size=$2
  shift 2
  truncate -s "$size" "$work/$name.img"
  mkfs.xfs -q --unsupported "$@" "$work/$name.img"
}

keep() { # NAME
  gzip -9 -n -c "$work/$1.img" > "$here/$1.img.gz"
}

# A file whose every other block is a hole in use by nobody: COUNT free extents of one block.
comb() { # FILE BLOCK-SIZE COUNT
  local i punches=()
  xfs_io -f -c "pwrite -q 0 $(($2 * 2 * $3))" -c fsync "$1"
  for ((i = 0; i < $3; i++)); do
    punches+=(-c "fpunch $((2 * i * $2)) $2")
  done
  xfs_io "${punches[@]}" "$1"
}

# Version 5, two groups, all that mkfs.xfs turns on today, and reverse mappings.
make v5 32m -d agcount=2 -L golden -m rmapbt=1,uuid=11111111-2222-3333-4444-555555555555
mount -o loop "$work/v5.img" "$work/mnt"
for i in 1 2 3 4 5 6; do
  mkdir "$work/mnt/d$i"
  head -c $((i * 50000)) /dev/zero | tr '\0' x > "$work/mnt/d$i/file"
done
sync
rm -r "$work/mnt/d2" "$work/mnt/d5"
umount "$work/mnt"
keep v5

# As the host sees it while a guest has the filesystem mounted and has just synced a file.
mount -o loop "$work/v5.img" "$work/mnt"
xfs_io -f -c "pwrite -q -S 0x5a 0 1m" -c fsync "$work/mnt/precious"
cp "$work/v5.img" "$work/v5-dirty.img"
umount "$work/mnt"
keep v5-dirty

# Version 5 with blocks of 1 KiB: btrees of several levels.
make v5-deep 48m -b size=1024 -d agcount=3 -m reflink=0,rmapbt=0,finobt=0,uuid=22222222-3333-4444-5555-666666666666
mount -o loop "$work/v5-deep.img" "$work/mnt"
comb "$work/mnt/comb" 1024 700
umount "$work/mnt"
keep v5-deep

# Version 4 with blocks of 512 bytes and a version 1 log. Kernels no longer mount it: mkfs.xfs makes
# the files, xfs_db destroys every other one, and xfs_repair frees what they held.
head -c 512 /dev/zero | tr '\0' y > "$work/block"
{
  echo boot
  echo 0 0
  echo 'd--755 0 0'
  for ((i = 0; i < 300; i++)); do
    echo "f$i ---644 0 0 $work/block"
  done
  echo '$'
} > "$work/proto"
make v4 32m -b size=512 -d agcount=2 -m crc=0,uuid=44444444-5555-6666-7777-888888888888 -i size=256 -l version=1 -p "$work/proto"
clear=()
while read -r inode; do
  clear+=(-c "inode $inode" -c 'write core.mode 0')
done < <(xfs_db -r -c 'path /' -c ls "$work/v4.img" | awk '/regular/ && NR % 2 { print $2 }')
xfs_db -x "${clear[@]}" "$work/v4.img" > /dev/null
xfs_repair "$work/v4.img" > /dev/null 2>&1
keep v4

ls -l "$here"/*.gz
