package io.fallow.fs.ext;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.bytes.UnsupportedFeatureException;
import java.util.List;

/** For every inode in use its kind, and how many directory entries must still point to it. */
final class LinkCounts {

  private static final int MOST_BYTES = 96 << 20;
  private static final int BYTES_PER_INODE = 3;

  /** Stands for a directory with more subdirectories than {@code i_links_count} can hold. */
  private static final int NOT_COUNTED = 0xFFFF;

  private final Volume volume;
  private final int perGroup;
  private final char[][] left;
  private final byte[][] formats;
  private long bytes;

  LinkCounts(Volume volume) {
    this.volume = volume;
    this.perGroup = (int) volume.superblock().inodesPerGroup();
    left = new char[volume.geometry().groups()][];
    formats = new byte[left.length][];
  }

  /** Notes an inode in use, to which as many entries must point as it says. */
  void expect(Inode inode) throws UnsupportedFeatureException {
    int group = group(inode.number());
    if (left[group] == null) {
      int inodes = volume.descriptors().initialisedInodes(group);
      bytes += (long) BYTES_PER_INODE * inodes;
      if (bytes > MOST_BYTES) {
        throw new UnsupportedFeatureException(
            volume.device().name(),
            List.of(
                "a cross-check of more than %d inodes".formatted(MOST_BYTES / BYTES_PER_INODE)));
      }
      left[group] = new char[inodes];
      formats[group] = new byte[inodes];
    }
    boolean many = inode.isDirectory() && inode.links() == 1 && volume.has(Feature.DIR_NLINK);
    left[group][index(inode.number())] = (char) (many ? NOT_COUNTED : inode.links());
    formats[group][index(inode.number())] = (byte) inode.format();
  }

  /** The format of an inode that an entry may name; 0 if it is none. */
  int format(long number) {
    byte[] group = formats[group(number)];
    return group == null || index(number) >= group.length ? 0 : group[index(number)];
  }

  /** Counts an entry that points to an inode which {@link #format} knows. */
  void count(long number) throws CorruptFormatException {
    char[] group = left[group(number)];
    int links = group[index(number)];
    volume.check(links > 0, number, "more directory entries point to it than i_links_count says");
    if (links != NOT_COUNTED) {
      group[index(number)]--;
    }
  }

  /** Demands that every inode was found as often as it says. */
  void checkAll() throws CorruptFormatException {
    for (int group = 0; group < left.length; group++) {
      for (int index = 0; left[group] != null && index < left[group].length; index++) {
        int missing = left[group][index];
        volume.check(
            missing == 0 || missing == NOT_COUNTED,
            (long) group * perGroup + index + 1,
            "i_links_count is %d more than directory entries point to it",
            missing);
      }
    }
  }

  private int group(long number) {
    return (int) ((number - 1) / perGroup);
  }

  private int index(long number) {
    return (int) ((number - 1) % perGroup);
  }
}
