package io.fallow.fs.swap;

import io.fallow.extent.ExtentSet;
import io.fallow.format.FileSystem;

/**
 * A swap area of a guest that does not run: nothing in it is in use but its first page, which
 * describes it, and the pages that were found bad.
 */
record SwapArea(SwapHeader header) implements FileSystem {

  @Override
  public String type() {
    return "swap";
  }

  @Override
  public String label() {
    return header.volume();
  }

  @Override
  public String uuid() {
    long empty = header.uuid().getMostSignificantBits() | header.uuid().getLeastSignificantBits();
    return empty == 0 ? "" : header.uuid().toString();
  }

  @Override
  public long size() {
    return header.size();
  }

  @Override
  public long blockSize() {
    return header.pageSize();
  }

  @Override
  public ExtentSet free() {
    long page = header.pageSize();
    ExtentSet.Builder bad = ExtentSet.builder();
    header.badPages().forEach(number -> bad.add(number * page, (number + 1) * page));
    return ExtentSet.of(page, size()).subtract(bad.build());
  }
}
