#!/bin/sh
# Makes the images of this folder with QEMU's own tools, and the SHA-256 of each guest's disk.
# Needs qemu-img and qemu-io (7.2 made those that are checked in).
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

create() { # NAME OPTIONS SIZE
  qemu-img create -q -f qcow2 -o "$2" "$work/$1" "$3"
}

change() { # NAME, commands from standard input: one process, so that compressed clusters share
  qemu-io -f qcow2 "$work/$1" >/dev/null
}

finish() { # NAME
  hash=$(qemu-img convert -O raw "$work/$1" "$work/raw" && sha256sum <"$work/raw" | cut -d' ' -f1)
  gzip -9nc "$work/$1" >"$1.qcow2.gz"
  echo "$1 $hash" >>"$work/sums"
}

create v3 cluster_size=4096 2097664
change v3 <<END
write -P 17 0 300k
write -P 34 1M 200k
write -z 64k 32k
write -P 51 2097152 512
END
finish v3

create v2 compat=0.10,cluster_size=4096 2M
change v2 <<END
write -P 17 0 300k
write -P 34 1M 200k
END
finish v2

create zlib cluster_size=16k 1M
change zlib <<END
write -c -P 1 0k 16k
write -c -P 17 16k 16k
write -c -P 33 32k 16k
write -c -P 49 48k 16k
write -c -P 81 80k 16k
END
change zlib <<END
write -P 7 512k 64k
END
finish zlib

create zstd cluster_size=16k,compression_type=zstd,refcount_bits=32 1M
change zstd <<END
write -c -P 1 0k 16k
write -c -P 17 16k 16k
write -c -P 33 32k 16k
write -c -P 49 48k 16k
write -c -P 81 80k 16k
END
finish zstd

create snapshots cluster_size=4096,refcount_bits=4 4M
change snapshots <<END
write -P 17 0 256k
write -P 18 3M 128k
END
qemu-img snapshot -c first "$work/snapshots"
change snapshots <<END
write -P 34 128k 256k
END
qemu-img snapshot -c second "$work/snapshots"
change snapshots <<END
write -P 51 192k 64k
write -P 52 1M 64k
END
finish snapshots

# The process dies with its refcounts unwritten, so the dirty bit stays.
create dirty lazy_refcounts=on,cluster_size=4096 1M
change dirty <<END
write -P 17 0 64k
END
qemu-io -f qcow2 -c 'write -P 34 128k 64k' -c flush -c abort "$work/dirty" >/dev/null 2>&1 || true
cp "$work/dirty" "$work/dirty.before"
finish dirty
mv "$work/dirty.before" "$work/dirty"
gzip -9nc "$work/dirty" >dirty.qcow2.gz

mv "$work/sums" guest-sha256.txt
