package dev.lanewise.bench;

import org.openjdk.jmh.annotations.Fork;

/**
 * Runs in JVMs of its own with the launcher's flags. They are {@code jvmArgs}, because {@code
 * -jvmArgsAppend} on the command line replaces what an annotation appends.
 */
@Fork(
    value = 2,
    jvmArgs = {
      Flags.ADD_MODULES,
      Flags.COLLECTOR,
      Flags.SAFEPOINTS,
      Flags.STRIP_MINING,
      Flags.SPILLING,
      Flags.YOUNG_GENERATION,
      Flags.FREE_HEAP,
      Flags.IGNORE_UNKNOWN,
      Flags.HUGE_PAGES,
      Flags.HEAP
    })
abstract class ForkedBenchmark {}
