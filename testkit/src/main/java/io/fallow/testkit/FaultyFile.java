package io.fallow.testkit;

import io.fallow.device.HostException;
import io.fallow.device.HostFile;
import io.fallow.extent.Extent;
import io.fallow.extent.ExtentSet;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A file of which one call fails. What follows works again, and is counted. */
public final class FaultyFile extends ForwardingFile {

  /** The calls that can fail. */
  public enum Call {
    /** Of bytes. */
    READ,
    /** Of bytes. */
    WRITE,
    /** Of a range. */
    PUNCH,
    /** Of the size. */
    RESIZE,
    /** Of all. */
    FLUSH,
    /** Which ranges take space. */
    ALLOCATED;

    /** The calls that change the file. */
    public static final Set<Call> CHANGES = Set.copyOf(EnumSet.of(WRITE, PUNCH, RESIZE, FLUSH));
  }

  /**
   * Which call fails, and how.
   *
   * @param calls the kinds that are counted
   * @param index of the call that fails, from 0, among those
   * @param errno the host's error number
   * @param partly whether half of the work is done before it fails
   */
  public record Fault(Set<Call> calls, int index, int errno, boolean partly) {

    /** Copies the set. */
    public Fault {
      calls = Set.copyOf(calls);
    }

    private Fault at(int other) {
      return new Fault(calls, other, errno, partly);
    }
  }

  /** Something that uses a file of which one call will fail. */
  @FunctionalInterface
  public interface Scenario {
    /** Runs once; {@code fault} is to be given to a {@link FaultyFile}. */
    FaultyFile run(Fault fault) throws IOException;
  }

  private final Fault fault;
  private int calls;
  private @Nullable HostException thrown;
  private int changesAfter;

  /** Fails once, as {@code fault} says. */
  public FaultyFile(HostFile file, Fault fault) {
    super(file);
    this.fault = fault;
  }

  /**
   * Runs {@code scenario} with the first call failing, then with the second, and so on until it
   * makes fewer calls than that.
   *
   * @return how many calls were made to fail
   */
  public static int everyCall(Fault fault, Scenario scenario) throws IOException {
    int index = 0;
    while (scenario.run(fault.at(index)).thrown() != null) {
      index++;
    }
    return index;
  }

  /** What was thrown, or null while nothing was. */
  public @Nullable HostException thrown() {
    return thrown;
  }

  /** How many calls that change the file came after the failed one. */
  public int changesAfter() {
    return changesAfter;
  }

  /** Whether the call is the one to fail. */
  private boolean fails(Call call) {
    if (thrown != null && Call.CHANGES.contains(call)) {
      changesAfter++;
    }
    return fault.calls().contains(call) && calls++ == fault.index();
  }

  private HostException failure(Call call, @Nullable Extent range) {
    HostException failure =
        new HostException(
            name(),
            call.name().toLowerCase(java.util.Locale.ROOT),
            fault.errno(),
            "made to fail with error " + fault.errno(),
            range);
    thrown = failure;
    return failure;
  }

  @Override
  public void read(long offset, MemorySegment target) throws IOException {
    if (fails(Call.READ)) {
      if (fault.partly()) {
        super.read(offset, target.asSlice(0, target.byteSize() / 2));
      }
      throw failure(Call.READ, Extent.ofLength(offset, target.byteSize()));
    }
    super.read(offset, target);
  }

  @Override
  public ExtentSet allocated(Extent window) throws IOException {
    if (fails(Call.ALLOCATED)) {
      throw failure(Call.ALLOCATED, window);
    }
    return super.allocated(window);
  }

  @Override
  public void write(long offset, MemorySegment source) throws IOException {
    if (fails(Call.WRITE)) {
      if (fault.partly()) {
        super.write(offset, source.asSlice(0, source.byteSize() / 2));
      }
      throw failure(Call.WRITE, Extent.ofLength(offset, source.byteSize()));
    }
    super.write(offset, source);
  }

  @Override
  public void punch(Extent range) throws IOException {
    if (fails(Call.PUNCH)) {
      if (fault.partly()) {
        super.punch(new Extent(range.start(), range.start() + range.length() / 2));
      }
      throw failure(Call.PUNCH, range);
    }
    super.punch(range);
  }

  @Override
  public void resize(long size) throws IOException {
    if (fails(Call.RESIZE)) {
      throw failure(Call.RESIZE, null);
    }
    super.resize(size);
  }

  @Override
  public void flush() throws IOException {
    if (fails(Call.FLUSH)) {
      throw failure(Call.FLUSH, null);
    }
    super.flush();
  }
}
