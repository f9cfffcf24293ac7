/**
 * qcow2 images, versions 2 and 3: reading, checking, and giving space back in place. The
 * specification is QEMU's {@code docs/interop/qcow2}.
 */
package io.fallow.image.qcow2;
