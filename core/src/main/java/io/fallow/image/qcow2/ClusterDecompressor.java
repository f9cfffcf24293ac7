package io.fallow.image.qcow2;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Unpacks compressed clusters. Each unpacks to exactly one cluster; whatever a stream holds beyond
 * that is left alone, so a hostile one cannot fill the memory.
 */
final class ClusterDecompressor {

  /** zstd windows up to 8 MiB: four times the largest cluster. */
  private static final int MAX_WINDOW_BITS = 23;

  private final CompressionType type;
  private final int clusterSize;

  ClusterDecompressor(CompressionType type, int clusterSize) {
    this.type = type;
    this.clusterSize = clusterSize;
  }

  /**
   * Unpacks one cluster.
   *
   * @param packed the bytes from the entry's offset to the end of its last sector
   * @throws DataFormatException if they do not unpack to a cluster
   */
  byte[] unpack(byte[] packed) throws DataFormatException {
    return switch (type) {
      case ZLIB -> inflate(packed);
      case ZSTD -> unzstd(packed);
    };
  }

  private byte[] inflate(byte[] packed) throws DataFormatException {
    byte[] cluster = new byte[clusterSize];
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(packed);
      int done = 0;
      while (done < clusterSize) {
        int part = inflater.inflate(cluster, done, clusterSize - done);
        if (part == 0) {
          throw tooShort(done);
        }
        done += part;
      }
    }
    return cluster;
  }

  private byte[] unzstd(byte[] packed) throws DataFormatException {
    try (ZstdInputStreamNoFinalizer stream =
        new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(packed))) {
      stream.setLongMax(MAX_WINDOW_BITS);
      byte[] cluster = stream.readNBytes(clusterSize);
      if (cluster.length < clusterSize) {
        throw tooShort(cluster.length);
      }
      return cluster;
    } catch (IOException e) {
      DataFormatException wrapped = new DataFormatException(e.getMessage());
      wrapped.initCause(e);
      throw wrapped;
    }
  }

  private DataFormatException tooShort(int length) {
    return new DataFormatException("%d bytes instead of %d".formatted(length, clusterSize));
  }
}
