/** The discard chain: extents, image formats, volumes, filesystems and plans. */
module io.fallow.core {
  requires static org.jspecify;
  requires com.github.luben.zstd_jni;

  exports io.fallow.bytes;
  exports io.fallow.device;
  exports io.fallow.extent;
  exports io.fallow.format;
  exports io.fallow.fs.ext;
  exports io.fallow.fs.swap;
  exports io.fallow.fs.xfs;
  exports io.fallow.image.qcow2;
  exports io.fallow.image.raw;
  exports io.fallow.image;
  exports io.fallow.plan;
  exports io.fallow.stack;
  exports io.fallow.volume.gpt;
  exports io.fallow.volume.mbr;
  exports io.fallow.volume;
}
