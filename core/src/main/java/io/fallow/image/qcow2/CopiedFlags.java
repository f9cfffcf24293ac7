package io.fallow.image.qcow2;

import io.fallow.bytes.CorruptFormatException;
import java.io.IOException;

/**
 * The copied flags of a dirty image. Its stored refcounts may be stale, so the flags must agree
 * with the references instead: with those that the refcounts will be mended to.
 */
final class CopiedFlags {

  private CopiedFlags() {}

  static void check(Tables tables, ReferenceCounts counts) throws IOException {
    int clusterSize = tables.header().clusterSize();
    L1Table l1 = tables.l1();
    for (int i = 0; i < l1.size(); i++) {
      long l2Offset = l1.l2Offset(i);
      if (l2Offset == 0) {
        continue;
      }
      String source = tables.file().name();
      check(source, l1.entryOffset(i), l1.entry(i), counts.count(l2Offset / clusterSize));
      long[] table = tables.l2().table(l2Offset);
      for (int j = 0; j < table.length; j++) {
        L2Entries.Kind kind = L2Entries.kind(table[j]);
        if (kind.isAllocated() && kind != L2Entries.Kind.COMPRESSED) {
          int references = counts.count(L2Entries.hostOffset(table[j]) / clusterSize);
          check(source, l2Offset + (long) j * Long.BYTES, table[j], references);
        }
      }
    }
  }

  private static void check(String source, long at, long entry, int references)
      throws CorruptFormatException {
    boolean copied = (entry & Qcow2.COPIED) != 0;
    if (copied != (references == 1)) {
      throw new CorruptFormatException(
          source,
          at,
          "entry 0x%016x has the copied flag %s, but there are %d references; run \"qemu-img check -r all\""
              .formatted(entry, copied ? "set" : "clear", references));
    }
  }
}
