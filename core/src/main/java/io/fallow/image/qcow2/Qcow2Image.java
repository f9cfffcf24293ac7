package io.fallow.image.qcow2;

import io.fallow.device.Device;
import io.fallow.device.HostFile;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Image;
import io.fallow.image.Release;
import java.io.IOException;
import java.nio.ByteOrder;
import java.util.List;

/**
 * A disk in a qcow2 file. Only metadata is read when it is opened, checked, or a release is
 * planned; the backing file is opened when the guest's disk is first read where this file holds
 * nothing.
 */
public final class Qcow2Image implements Image {

  private final Tables tables;
  private final Backing backing;
  private final Qcow2Guest guest;

  private Qcow2Image(Tables tables, Backing backing) {
    this.tables = tables;
    this.backing = backing;
    this.guest = new Qcow2Guest(tables, backing);
  }

  /** Whether a file starts with the magic of qcow2. */
  public static boolean recognise(Device file) throws IOException {
    return file.size() >= Integer.BYTES
        && file.bytes(0, Integer.BYTES, ByteOrder.BIG_ENDIAN).bits32(0) == Qcow2.MAGIC;
  }

  /**
   * Opens the image in {@code file}, which it closes with itself.
   *
   * @param backing the policy on backing files
   * @throws io.fallow.bytes.CorruptFormatException if a structure breaks the specification
   * @throws io.fallow.bytes.UnsupportedFeatureException if a feature is not handled
   */
  public static Qcow2Image open(HostFile file, BackingOpener backing) throws IOException {
    Tables tables = new Tables(file);
    return new Qcow2Image(tables, new Backing(file.name(), tables.header(), backing));
  }

  @Override
  public String format() {
    return "qcow2";
  }

  @Override
  public Device guest() {
    return guest;
  }

  @Override
  public HostFile file() {
    return tables.file();
  }

  /** The header. */
  public Qcow2Header header() {
    return tables.header();
  }

  /** The internal snapshots, in the order of their table. */
  public List<Snapshot> snapshots() {
    return tables.snapshots().snapshots();
  }

  /**
   * Checks all refcounts and looks for overlaps, as {@code qemu-img check} does. Reads metadata
   * only, and changes nothing.
   */
  public CheckResult check() throws IOException {
    return Check.run(tables).result();
  }

  /** Tells how many overlays lie above this image. */
  void setDepth(int depth) {
    backing.setDepth(depth);
  }

  /**
   * {@inheritDoc}
   *
   * <p>Checks the whole image first. Needs no backing file, and concerns this file's clusters only.
   * A cluster of version 3 becomes a zero cluster, so that no backing file shows through; L2 tables
   * stay even if nothing is left in them.
   *
   * @throws io.fallow.bytes.CorruptFormatException if the check finds more than leaks, or a writer
   *     has marked the image as corrupt
   */
  @Override
  public Release release(ExtentSet free) throws IOException {
    return new Qcow2Release(tables, guest, ReleasePlanner.plan(tables, free));
  }

  @Override
  public void close() throws IOException {
    try (HostFile file = tables.file()) {
      backing.close();
    }
  }
}
