/** What is released, judged by the kernel, the filesystems' checkers and QEMU. */
package io.fallow.tests.kernel;
