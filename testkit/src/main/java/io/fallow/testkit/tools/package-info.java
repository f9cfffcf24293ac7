/**
 * Tools that others wrote (mkfs, fsck, the kernel's own filesystems, QEMU), as judges of Fallow.
 */
package io.fallow.testkit.tools;
