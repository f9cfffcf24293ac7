package io.fallow.fs.xfs;

import io.fallow.bytes.UnsupportedFeatureException;
import java.util.ArrayList;
import java.util.List;

/**
 * Which features of a filesystem leave the meaning of the free-space btrees, the allocation groups'
 * headers and the log as it is known here. Everything else is named and refused.
 */
final class Features {

  private static final int KNOWN_FEATURES2 =
      Xfs.VERSION2_LAZYSBCOUNTBIT
          | Xfs.VERSION2_ATTR2BIT
          | Xfs.VERSION2_PROJID32BIT
          | Xfs.VERSION2_FTYPE;

  private static final int KNOWN_RO_COMPAT =
      Xfs.RO_COMPAT_FINOBT | Xfs.RO_COMPAT_RMAPBT | Xfs.RO_COMPAT_REFLINK | Xfs.RO_COMPAT_INOBTCNT;

  /** NEEDSREPAIR is a state, and refused as such. */
  private static final int KNOWN_INCOMPAT =
      Xfs.INCOMPAT_FTYPE
          | Xfs.INCOMPAT_SPINODES
          | Xfs.INCOMPAT_META_UUID
          | Xfs.INCOMPAT_BIGTIME
          | Xfs.INCOMPAT_NEEDSREPAIR
          | Xfs.INCOMPAT_NREXT64
          | Xfs.INCOMPAT_EXCHRANGE
          | Xfs.INCOMPAT_PARENT;

  private Features() {}

  /**
   * Demands that the filesystem uses nothing that is not known here.
   *
   * @throws UnsupportedFeatureException with the names of all that is not
   */
  static void check(Superblock sb, String source) throws UnsupportedFeatureException {
    List<String> unsupported = new ArrayList<>();
    switch (sb.version() & Xfs.VERSION_NUMBITS) {
      case 4 -> version4(sb, unsupported);
      case 5 -> version5(sb, unsupported);
      default -> unsupported.add("sb_versionnum " + (sb.version() & Xfs.VERSION_NUMBITS));
    }
    if (sb.logStart() == 0) {
      unsupported.add("external log");
    }
    if (sb.realtimeBlocks() != 0) {
      unsupported.add("realtime device");
    }
    if (sb.agCount() > Xfs.MAX_AG_COUNT) {
      unsupported.add("%d allocation groups".formatted(sb.agCount()));
    }
    if (!unsupported.isEmpty()) {
      throw new UnsupportedFeatureException(source, unsupported);
    }
  }

  private static void version4(Superblock sb, List<String> unsupported) {
    legacy(sb, KNOWN_FEATURES2, unsupported);
  }

  private static void version5(Superblock sb, List<String> unsupported) {
    legacy(sb, KNOWN_FEATURES2 | Xfs.VERSION2_CRCBIT, unsupported);
    unknown("sb_features_compat", sb.compat(), 0, unsupported);
    unknown("sb_features_ro_compat", sb.roCompat(), KNOWN_RO_COMPAT, unsupported);
    int named = Xfs.INCOMPAT_METADIR | Xfs.INCOMPAT_ZONED | Xfs.INCOMPAT_ZONE_GAPS;
    if ((sb.incompat() & Xfs.INCOMPAT_METADIR) != 0) {
      unsupported.add("METADIR");
    }
    if ((sb.incompat() & (Xfs.INCOMPAT_ZONED | Xfs.INCOMPAT_ZONE_GAPS)) != 0) {
      unsupported.add("ZONED");
    }
    unknown("sb_features_incompat", sb.incompat(), KNOWN_INCOMPAT | named, unsupported);
    unknown("sb_features_log_incompat", sb.logIncompat(), Xfs.LOG_INCOMPAT_XATTRS, unsupported);
  }

  private static void legacy(Superblock sb, int knownFeatures2, List<String> unsupported) {
    if ((sb.version() & Xfs.VERSION_SHAREDBIT) != 0) {
      unsupported.add("SHARED");
    }
    if ((sb.version() & Xfs.VERSION_DIRV2BIT) == 0) {
      unsupported.add("version 1 directories");
    }
    if ((sb.version() & Xfs.VERSION_MOREBITSBIT) != 0) {
      unknown("sb_features2", sb.features2(), knownFeatures2, unsupported);
    }
  }

  private static void unknown(String field, int found, int known, List<String> unsupported) {
    int unknown = found & ~known;
    if (unknown != 0) {
      unsupported.add("%s 0x%x".formatted(field, unknown));
    }
  }
}
