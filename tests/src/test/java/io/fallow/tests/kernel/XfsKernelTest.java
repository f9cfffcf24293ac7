package io.fallow.tests.kernel;

import io.fallow.testkit.tools.XfsMkfs;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Random XFS against the kernel. */
class XfsKernelTest {

  static final long[] SEEDS = Seeds.of("xfs", 100);

  @BeforeAll
  static void tools() {
    KernelProof.requireTools();
  }

  @ParameterizedTest
  @FieldSource("SEEDS")
  void keepsFilesAndReleasesWhatTheKernelDoes(long seed) throws IOException {
    KernelProof.run(XfsMkfs::random, seed);
  }
}
