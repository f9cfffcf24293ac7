#!/bin/sh
# Measures Fallow side by side with other tools and prints the figures of docs/benchmarks.md.
# Needs root, qemu-img, sgdisk, xfsprogs; virt-sparsify where present. About ten minutes.
#
#   bench/run.sh [RUNS]
set -eu
cd "$(dirname "$0")/.."
runs=${1:-7}
work=$(mktemp -d "${TMPDIR:-/tmp}/fallow-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
export LIBGUESTFS_BACKEND=direct LIBGUESTFS_BACKEND_SETTINGS=force_tcg

./fallow --version >/dev/null
java=$(./fallow --print-java)
compare() {
  echo
  echo "== $1"
  shift
  "$java" -cp bench/target/classes io.fallow.bench.Compare "$@"
}

echo "disk: 20 GiB, 430 MB used, 3.2 GB deleted"
bench/make-disk.sh "$work/disk.raw"
qemu-img convert -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
fresh="cp --sparse=always $work/disk.raw $work/w.raw; cp $work/disk.qcow2 $work/w.qcow2; sync"

compare "trim" "$runs" "$fresh" \
  "kernel: mount+fstrim+umount=bench/kernel-trim.sh $work/w.raw" \
  "fallow trim raw=./fallow trim --quiet $work/w.raw" \
  "fallow trim qcow2=./fallow trim --quiet $work/w.qcow2"

if command -v virt-sparsify >/dev/null; then
  compare "trim against an appliance" 3 "$fresh" \
    "virt-sparsify --in-place=virt-sparsify --quiet --in-place $work/w.qcow2" \
    "fallow trim qcow2=./fallow trim --quiet $work/w.qcow2" \
    "fallow trim raw=./fallow trim --quiet $work/w.raw"
fi

compare "scan" "$runs" : \
  "fallow scan raw=./fallow scan $work/disk.raw" \
  "fallow scan qcow2=./fallow scan $work/disk.qcow2"

truncate -s 10T "$work/huge-ext4.raw" "$work/huge-xfs.raw"
mke2fs -q -t ext4 "$work/huge-ext4.raw"
mkfs.xfs -q "$work/huge-xfs.raw"
compare "scan of 10 TiB, sparse" "$runs" : \
  "fallow scan ext4=./fallow scan $work/huge-ext4.raw" \
  "fallow scan xfs=./fallow scan $work/huge-xfs.raw"

compare "start" 15 : "fallow --version=./fallow --version"
