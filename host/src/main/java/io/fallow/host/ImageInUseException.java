package io.fallow.host;

import java.io.IOException;

/** Another process holds an image in a way that excludes what was asked for. */
public final class ImageInUseException extends IOException {

  private static final long serialVersionUID = 1L;

  private final String image;

  ImageInUseException(String image, String what) {
    super(
        "%s: another process %s. Shut the guest down first, or run fstrim inside it; scan can read an image in use"
            .formatted(image, what));
    this.image = image;
  }

  /** The image's name. */
  public String image() {
    return image;
  }
}
