package io.fallow.tests.kernel;

import io.fallow.testkit.tools.ExtMkfs;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Random ext2, ext3 and ext4 against the kernel. */
class ExtKernelTest {

  static final long[] SEEDS = Seeds.of("ext", 200);

  @BeforeAll
  static void tools() {
    KernelProof.requireTools();
  }

  @ParameterizedTest
  @FieldSource("SEEDS")
  void keepsFilesAndReleasesWhatTheKernelDoes(long seed) throws IOException {
    KernelProof.run(
        random ->
            switch (random.nextInt(8)) {
              case 0 -> ExtMkfs.random("ext2", random);
              case 1 -> ExtMkfs.random("ext3", random);
              case 2 -> ExtMkfs.bigalloc(random);
              default -> ExtMkfs.random("ext4", random);
            },
        seed);
  }
}
