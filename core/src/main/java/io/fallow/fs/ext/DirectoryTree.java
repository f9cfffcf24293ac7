package io.fallow.fs.ext;

import static io.fallow.fs.ext.ExtConstants.ROOT_INODE;

import io.fallow.bytes.CorruptFormatException;
import java.io.IOException;

/** All directories: each is named by one other, which its own ".." names, and leads to the root. */
final class DirectoryTree {

  private final Volume volume;
  private final InodeTable inodes;
  private final LinkCounts links;
  private final int[] directories;

  /** By place in {@link #directories}: the directory that names it, and what its ".." says. */
  private final int[] parents;

  private final int[] dotDots;

  /** A tree of the directories with these numbers, unsigned and ascending. */
  DirectoryTree(Volume volume, InodeTable inodes, LinkCounts links, int[] directories) {
    this.volume = volume;
    this.inodes = inodes;
    this.links = links;
    this.directories = directories;
    parents = new int[directories.length];
    dotDots = new int[directories.length];
  }

  /** Reads every directory. */
  void check() throws IOException {
    for (int place = 0; place < directories.length; place++) {
      Directory directory = new Directory(volume, inodes.read(unsigned(directories[place])), this);
      directory.check();
      dotDots[place] = (int) directory.dotDot();
    }
    checkParents();
    checkConnected();
  }

  /**
   * Counts an entry.
   *
   * @param dot whether it is "." or ".."
   * @param kind the entry's {@code file_type}, or -1 where there is none
   */
  void entry(Inode directory, long target, boolean dot, int kind) throws CorruptFormatException {
    long number = directory.number();
    volume.check(
        target <= volume.superblock().inodesCount()
            && (target >= volume.superblock().firstInode() || target == ROOT_INODE),
        number,
        "an entry names inode %d, which cannot be",
        target);
    int format = links.format(target);
    volume.check(format != 0, number, "an entry names inode %d, which is not in use", target);
    int expected = kindOf(format);
    volume.check(
        kind < 0 || kind == expected,
        number,
        "an entry has file_type %d, but inode %d is of type %d",
        kind,
        target,
        expected);
    links.count(target);
    if (expected == 2 && !dot) {
      int place = find(target);
      volume.check(
          parents[place] == 0 && target != ROOT_INODE,
          number,
          "an entry names directory %d, which has another parent",
          target);
      parents[place] = (int) number;
    }
  }

  private static int kindOf(int format) {
    return switch (format) {
      case 0x8 -> 1;
      case 0x4 -> 2;
      case 0x2 -> 3;
      case 0x6 -> 4;
      case 0x1 -> 5;
      case 0xC -> 6;
      default -> 7;
    };
  }

  private void checkParents() throws CorruptFormatException {
    for (int place = 0; place < directories.length; place++) {
      long number = unsigned(directories[place]);
      long parent = number == ROOT_INODE ? ROOT_INODE : unsigned(parents[place]);
      volume.check(parent != 0, number, "no directory has an entry for this directory");
      volume.check(
          unsigned(dotDots[place]) == parent,
          number,
          "'..' names inode %d, but the directory is in %d",
          unsigned(dotDots[place]),
          parent);
    }
  }

  /** With one parent each, directories that do not lead to the root lead around in a circle. */
  private void checkConnected() throws CorruptFormatException {
    int[] seenBy = new int[directories.length];
    for (int start = 0; start < directories.length; start++) {
      int place = start;
      while (seenBy[place] == 0) {
        seenBy[place] = start + 1;
        place = directories[place] == ROOT_INODE ? place : find(unsigned(parents[place]));
      }
      volume.check(
          seenBy[place] != start + 1 || directories[place] == ROOT_INODE,
          unsigned(directories[place]),
          "the directory contains itself");
    }
  }

  private int find(long number) throws CorruptFormatException {
    int low = 0;
    int high = directories.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      int order = Long.compare(unsigned(directories[middle]), number);
      if (order == 0) {
        return middle;
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    throw volume.corrupt(number, "no directory in use");
  }

  private static long unsigned(int number) {
    return Integer.toUnsignedLong(number);
  }
}
