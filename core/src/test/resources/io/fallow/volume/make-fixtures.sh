#!/bin/sh
# Makes the small disks of this folder with sfdisk, sgdisk and mkswap of util-linux and gdisk.
set -eu
cd "$(dirname "$0")"
make() { rm -f "$1.img" "$1.img.gz"; truncate -s "$2" "$1.img"; }
pack() { gzip -9n "$1.img"; }
ID=f2a10000-0000-4000-8000-00000000000

make gpt 4M
sfdisk -q gpt.img <<EOF
label: gpt
label-id: ${ID}0
first-lba: 34
start=34, size=6, type=21686148-6449-6E6F-744E-656564454649, uuid=${ID}1
start=2048, size=2048, type=L, uuid=${ID}2
start=4096, size=1024, type=S, uuid=${ID}3
EOF
cp gpt.img grown.img
pack gpt
rm -f grown.img.gz
truncate -s 8M grown.img # the backup stays where it was
pack grown

make hybrid 4M
sgdisk -o -U ${ID}0 -n 1:2048:4095 -t 1:8300 -u 1:${ID}1 -n 2:4096:6143 -t 2:8300 -u 2:${ID}2 hybrid.img >/dev/null
sgdisk -h 1 hybrid.img >/dev/null
pack hybrid

make mbr 4M
sfdisk -q mbr.img <<EOF
label: dos
label-id: 0xf2a1f2a1
start=1, size=2047, type=41
start=2048, size=1024, type=83
start=3072, size=5120, type=5
start=4096, size=512, type=83
start=5120, size=512, type=82
start=6144, size=2048, type=83
EOF
pack mbr

for size in 4096 8192 65536; do
  make swap-$size 1M
  mkswap -p $size -L fallow -U ${ID}5 swap-$size.img >/dev/null 2>&1
  pack swap-$size
done
