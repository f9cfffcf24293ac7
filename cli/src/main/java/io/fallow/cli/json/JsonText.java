package io.fallow.cli.json;

import io.avaje.jsonb.Jsonb;

/** Writes the records of this package. Every key is always there, null where nothing is known. */
public final class JsonText {

  /** The version of the schema that this package describes. */
  public static final int SCHEMA_VERSION = 1;

  private JsonText() {}

  /** The record as JSON, over several lines. */
  public static <T> String of(T document, Class<T> type) {
    Jsonb jsonb = Jsonb.builder().serializeNulls(true).serializeEmpty(true).build();
    return jsonb.type(type).toJsonPretty(document);
  }
}
