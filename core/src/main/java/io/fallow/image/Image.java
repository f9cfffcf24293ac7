package io.fallow.image;

import io.fallow.device.Device;
import io.fallow.device.HostFile;
import io.fallow.extent.ExtentSet;
import java.io.Closeable;
import java.io.IOException;

/** A guest's disk inside a file of the host. */
public interface Image extends Closeable {

  /** The format's name: {@code raw}, {@code qcow2}. */
  String format();

  /** The disk as the guest sees it. */
  Device guest();

  /** The file that holds it. */
  HostFile file();

  /**
   * Works out what can be given back for a set of guest bytes, and changes nothing.
   *
   * @param free bytes of the guest's disk that no one uses
   * @throws io.fallow.bytes.CorruptFormatException if the image is not sound enough to be changed
   */
  Release release(ExtentSet free) throws IOException;

  @Override
  void close() throws IOException;
}
