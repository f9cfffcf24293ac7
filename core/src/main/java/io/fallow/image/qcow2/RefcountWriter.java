package io.fallow.image.qcow2;

import io.fallow.bytes.CorruptFormatException;
import io.fallow.device.HostFile;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Writes new refcounts, block by block. Clusters come in ascending order. */
final class RefcountWriter {

  private final HostFile file;
  private final Qcow2Header header;
  private final Refcounts refcounts;
  private final BitSet changed = new BitSet();
  private @Nullable RefcountBlock block;
  private long blockIndex = -1;
  private long blockOffset;

  private RefcountWriter(HostFile file, Qcow2Header header) throws IOException {
    this.file = file;
    this.header = header;
    this.refcounts = Refcounts.read(file, header);
  }

  /** Sets the refcounts of single clusters. */
  static void write(HostFile file, Qcow2Header header, RefcountChanges changes) throws IOException {
    if (changes.size() == 0) {
      return;
    }
    RefcountWriter writer = new RefcountWriter(file, header);
    for (int i = 0; i < changes.size(); i++) {
      writer.set(changes.cluster(i), changes.value(i));
    }
    writer.finishBlock();
  }

  /** Sets the refcounts of all clusters in a set of host bytes to 0. */
  static void clear(HostFile file, Qcow2Header header, ExtentSet freed) throws IOException {
    if (freed.isEmpty()) {
      return;
    }
    RefcountWriter writer = new RefcountWriter(file, header);
    for (int run = 0; run < freed.runs(); run++) {
      long end = freed.end(run) >>> header.clusterBits();
      for (long cluster = freed.start(run) >>> header.clusterBits(); cluster < end; cluster++) {
        writer.set(cluster, 0);
      }
    }
    writer.finishBlock();
  }

  private void set(long cluster, int value) throws IOException {
    int entries = header.refcountBlockEntries();
    if (cluster / entries != blockIndex) {
      finishBlock();
      RefcountBlock found = refcounts.block(cluster);
      if (found == null) {
        throw new CorruptFormatException(
            file.name(), cluster << header.clusterBits(), "no refcount block covers this cluster");
      }
      block = found.copy();
      blockIndex = cluster / entries;
      blockOffset = refcounts.blockOffset(cluster);
    }
    int index = (int) (cluster % entries);
    if (block != null && block.get(index) != value) {
      changed.set(block.set(index, value) / Qcow2.SECTOR);
    }
  }

  private void finishBlock() throws IOException {
    if (block != null) {
      SectorWriter.write(file, blockOffset, block.bytes(), changed);
    }
    changed.clear();
    block = null;
  }
}
