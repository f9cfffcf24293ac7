#!/bin/bash
# Makes the small filesystems that the tests of io.fallow.fs.ext read, with e2fsprogs: NAME.img.gz,
# and in NAME.free the blocks that dumpe2fs lists as free, as "start end" in bytes, half-open.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export E2FSPROGS_FAKE_TIME=1700000000 TZ=UTC

mkdir -p "$work/tree/dir"
for i in $(seq 1 12); do
  yes "file $i of the fixture" | head -c $((i * 5000)) > "$work/tree/file$i" || true
done
seq 1 4000 > "$work/tree/dir/numbers"
ln -s file1 "$work/tree/link"
truncate -s 1M "$work/tree/sparse"
printf 'end' | dd of="$work/tree/sparse" bs=1 seek=700000 conv=notrunc status=none

# make NAME SIZE MKE2FS-OPTION...
make() {
  local name=$1 size=$2 image=$work/$1.img
  shift 2
  truncate -s "$size" "$image"
  mke2fs -q -F -L "$name" -U 6ba7b810-9dad-11d1-80b4-00c04fd430c8 -d "$work/tree" "$@" "$image"
  # Deleted files leave holes in the bitmaps.
  debugfs -w -f - "$image" > "$work/log" 2>&1 <<'EOF'
rm file3
rm file8
rm file9
EOF
  e2fsck -fn "$image" > "$work/log" || { cat "$work/log"; exit 1; }
  dumpe2fs "$image" 2> "$work/log" | awk '
    /^Block count:/ { blocks = $3 }
    /^Block size:/ { size = $3; per = 1 }
    /^Cluster size:/ { per = $3 / size }
    /^  Free blocks: [0-9]/ {
      sub(/^  Free blocks: /, "")
      n = split($0, runs, /, */)
      for (i = 1; i <= n; i++) {
        m = split(runs[i], ends, "-")
        end = ends[m] + per
        print ends[1] * size, (end < blocks ? end : blocks) * size
      }
    }' > "$name.free"
  gzip -9n < "$image" > "$name.img.gz"
}

make ext2 2M -t ext2 -b 1024
make revision0 2M -r 0 -b 1024 -I 128
make groups 8M -t ext2 -b 1024 -g 1024 -O ^sparse_super,^resize_inode
make ext3 6M -t ext3 -b 1024 -J size=1
make ext4 8M -t ext4 -b 1024 -J size=1 -g 1024 -G 4 -N 256
make uninit 8M -t ext4 -b 1024 -J size=1 -g 1024 -N 256 -O ^metadata_csum,uninit_bg,^64bit
make bigalloc 16M -t ext4 -b 1024 -C 8192 -J size=1 -O bigalloc
make metabg 16M -t ext4 -b 1024 -g 256 -N 1024 -O meta_bg,^resize_inode,^has_journal
make sparse2 8M -t ext4 -b 2048 -g 1024 -N 256 -J size=2 -O sparse_super2,metadata_csum_seed
make mmp 16M -t ext4 -b 4096 -O mmp,project,inline_data,ea_inode,large_dir -J size=4
make block64k 16M -t ext4 -b 65536 -O ^has_journal -N 64
