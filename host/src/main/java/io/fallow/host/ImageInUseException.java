package io.fallow.host;

import java.io.IOException;

/** Another process, or the kernel, holds an image in a way that excludes what was asked for. */
public final class ImageInUseException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String image;

  private ImageInUseException(String image, String what) {
    super(image + ": " + what);
    this.image = image;
  }

  static ImageInUseException byProcess(String image, String what) {
    return new ImageInUseException(
        image,
        ("another process %s. Shut the guest down first, or run fstrim inside it;"
                + " scan can read an image in use")
            .formatted(what));
  }

  static ImageInUseException byLoopDevice(String image, String device) {
    return new ImageInUseException(
        image,
        ("it is attached as %s. Unmount it and run losetup -d %s first, or run fstrim on the"
                + " mounted filesystem; scan can read an image in use")
            .formatted(device, device));
  }

  /** The image's name. */
  public String image() {
    return image;
  }
}
