/** The command line. */
module io.fallow.cli {
  requires static org.jspecify;
  requires com.github.luben.zstd_jni;
  requires info.picocli;
  requires io.avaje.jsonb;
  requires io.fallow.core;
  requires io.fallow.host;

  exports io.fallow.cli;

  provides io.avaje.jsonb.spi.JsonbExtension with
      io.fallow.cli.json.jsonb.GeneratedJsonComponent;
}
