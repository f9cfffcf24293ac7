/** Files of the host, through native calls. The only module that makes any. */
module io.fallow.host {
  requires static org.jspecify;
  requires transitive io.fallow.core;

  exports io.fallow.host;
}
