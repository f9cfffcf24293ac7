package io.fallow.host;

/** How an image file is opened, and what other processes may do with it meanwhile. */
public enum Access {
  /** Reading. Fails while another process writes the image, and keeps writers out. */
  READ(false, true),

  /** Reading without a lock: another process may write meanwhile, so what is read may not fit. */
  READ_UNLOCKED(false, false),

  /** Reading and writing. Fails while another process uses the image, and keeps all others out. */
  WRITE(true, true),

  /** As {@link #WRITE}, but goes on without a lock where the host's filesystem has none. */
  WRITE_FORCED(true, true);

  private final boolean writes;
  private final boolean locks;

  Access(boolean writes, boolean locks) {
    this.writes = writes;
    this.locks = locks;
  }

  /** Whether the file can be written. */
  public boolean writes() {
    return writes;
  }

  /** Whether other processes are kept out. */
  public boolean locks() {
    return locks;
  }
}
