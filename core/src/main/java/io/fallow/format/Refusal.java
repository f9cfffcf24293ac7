package io.fallow.format;

/**
 * Why a volume is left alone.
 *
 * @param kind the class of reason
 * @param reason what was found and where, and what to do: one line without a final stop
 */
public record Refusal(Kind kind, String reason) {

  /** The classes of reason. */
  public enum Kind {
    /** A structure breaks its specification, or two that should agree do not. */
    CORRUPT,
    /** A feature or format that Fallow does not handle. */
    UNSUPPORTED,
    /** Not cleanly unmounted, or marked as having errors: the map of free blocks may be stale. */
    UNCLEAN,
    /** A suspended guest resumes onto this disk: every volume of the disk is refused. */
    HIBERNATED,
    /** Two or more signatures are valid here. */
    AMBIGUOUS,
    /** Nothing here is recognised. */
    UNKNOWN
  }
}
