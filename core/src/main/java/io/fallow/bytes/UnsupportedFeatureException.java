package io.fallow.bytes;

import java.io.IOException;
import java.util.List;

/** A structure is sound but uses features that Fallow does not handle: our limitation. */
public final class UnsupportedFeatureException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String source;
  private final List<String> names;

  /**
   * Names what is not supported.
   *
   * @param source the name of the device or file
   * @param names the features, as their specification spells them
   */
  public UnsupportedFeatureException(String source, List<String> names) {
    super("%s: uses what Fallow does not support: %s".formatted(source, String.join(", ", names)));
    this.source = source;
    this.names = List.copyOf(names);
  }

  /** The name of the device or file. */
  public String source() {
    return source;
  }

  /** The features, as their specification spells them. */
  public List<String> names() {
    return names;
  }
}
