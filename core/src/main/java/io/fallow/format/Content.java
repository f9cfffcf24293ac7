package io.fallow.format;

/** What a device holds. */
public sealed interface Content permits FileSystem, Layer, Refused, Opaque {

  /** The kind, as users call it: {@code ext4}, {@code gpt}, {@code swap}. */
  String type();
}
