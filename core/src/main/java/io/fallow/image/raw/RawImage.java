package io.fallow.image.raw;

import io.fallow.device.Device;
import io.fallow.device.HostFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import io.fallow.image.Image;
import io.fallow.image.Progress;
import io.fallow.image.Release;
import java.io.IOException;
import java.util.Collections;
import java.util.SortedMap;

/** A disk whose bytes are those of the file. Space is given back by punching holes. */
public final class RawImage implements Image {

  private final HostFile file;

  /** The disk in {@code file}, which it closes with itself. */
  public RawImage(HostFile file) {
    this.file = file;
  }

  @Override
  public String format() {
    return "raw";
  }

  @Override
  public Device guest() {
    return file;
  }

  @Override
  public HostFile file() {
    return file;
  }

  @Override
  public Release release(ExtentSet free) throws IOException {
    ExtentSet inside = free.clip(file.extent());
    ExtentSet allocated = file.allocated(file.extent()).intersect(inside);
    ExtentSet whole = inside.alignInward(file.limits().granularity());
    return new RawRelease(
        allocated.intersect(whole), inside.subtract(allocated), allocated.subtract(whole));
  }

  @Override
  public void close() throws IOException {
    file.close();
  }

  private final class RawRelease implements Release {

    private final ExtentSet releasable;
    private final ExtentSet holes;
    private final ExtentSet lost;

    RawRelease(ExtentSet releasable, ExtentSet holes, ExtentSet lost) {
      this.releasable = releasable;
      this.holes = holes;
      this.lost = lost;
    }

    @Override
    public ExtentSet releasable() {
      return releasable;
    }

    @Override
    public ExtentSet holes() {
      return holes;
    }

    @Override
    public SortedMap<String, ExtentSet> held() {
      return Collections.emptySortedMap();
    }

    @Override
    public ExtentSet lost() {
      return lost;
    }

    @Override
    public long hostBytes() {
      return releasable.total();
    }

    @Override
    public long unownedBytes() {
      return 0;
    }

    @Override
    public void execute(Progress progress) throws IOException {
      long done = 0;
      for (Extent run : releasable) {
        file.punch(run);
        done += run.length();
        progress.at("punching", done, releasable.total());
      }
      if (!releasable.isEmpty()) {
        file.flush();
      }
    }
  }
}
