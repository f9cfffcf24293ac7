/** Picocli, compiled from its published sources. */
module info.picocli {
  exports picocli;
}
