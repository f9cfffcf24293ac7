package io.fallow.tests.reads;

import static org.assertj.core.api.Assertions.assertThat;

import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What decides which blocks of an ext2, ext3 or ext4 filesystem are free, by e2fsprogs. */
final class ExtNeeds {

  private static final Pattern BITMAP = Pattern.compile("(Block|Inode) bitmap at (\\d+)");
  private static final Pattern LOCATION =
      Pattern.compile("located at block (\\d+), offset (0x[0-9a-f]+)");

  private ExtNeeds() {}

  /** The superblock, group descriptors, written bitmaps, root inode, and journal superblock. */
  static ExtentSet of(Path image) throws IOException {
    Needs needs = new Needs().add(1024, 1024);
    long blockSize = 0;
    boolean blockUninit = false;
    boolean inodeUninit = false;
    boolean inGroupZero = false;
    for (String line : Guest.run("dumpe2fs", image).lines().toList()) {
      if (line.startsWith("Block size:")) {
        blockSize = Long.parseLong(line.substring(11).strip());
      }
      if (line.startsWith("Group ")) {
        inGroupZero = line.startsWith("Group 0:");
        blockUninit = line.contains("BLOCK_UNINIT");
        inodeUninit = line.contains("INODE_UNINIT");
      }
      // Newer versions give the flags a line of their own.
      blockUninit |= line.contains("BLOCK_UNINIT");
      inodeUninit |= line.contains("INODE_UNINIT");
      Matcher descriptors = Pattern.compile("Group descriptors at (\\d+)-(\\d+)").matcher(line);
      if (inGroupZero && descriptors.find()) {
        long first = Long.parseLong(descriptors.group(1));
        long last = Long.parseLong(descriptors.group(2));
        needs.add(first * blockSize, (last - first + 1) * blockSize);
      }
      Matcher bitmap = BITMAP.matcher(line);
      while (bitmap.find()) {
        boolean written = bitmap.group(1).equals("Block") ? !blockUninit : !inodeUninit;
        if (written) {
          needs.add(Long.parseLong(bitmap.group(2)) * blockSize, blockSize);
        }
      }
    }
    addInode(needs, image, 2, blockSize);
    if (Guest.run("debugfs", "-R", "stats -h", image).contains("has_journal")) {
      addInode(needs, image, 8, blockSize);
      String[] lines = Guest.run("debugfs", "-R", "bmap <8> 0", image).strip().split("\n");
      needs.add(Long.parseLong(lines[lines.length - 1].strip()) * blockSize, 1024);
    }
    return needs.set();
  }

  private static void addInode(Needs needs, Path image, int inode, long blockSize)
      throws IOException {
    Matcher location =
        LOCATION.matcher(Guest.run("debugfs", "-R", "imap <%d>".formatted(inode), image));
    assertThat(location.find()).isTrue();
    long within = Long.decode(location.group(2));
    needs.add(Long.parseLong(location.group(1)) * blockSize + within, 256);
  }
}
