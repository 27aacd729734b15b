/**
 * JMH benchmarks: every kernel with its variants side by side, generation, and byte pairs.
 *
 * <p>{@code java -jar bench/target/benchmarks.jar Matmul -p variant=vector} runs some of them; the
 * forks get the module and the flags of {@link dev.lanewise.bench.Flags} by themselves, and {@code
 * -jvmArgsAppend -Dlanewise.vectorBits=256} selects a width. Throughput is in calls per second; the
 * figure to read is the secondary one: {@code :gflops} is GFLOP/s and {@code :gigabytes} is GB/s,
 * although JMH prints "ops/s" beside both.
 *
 * <p>Shapes are those of the presets: {@code chapter} (C 128, four heads of 32, T 128, V 5000),
 * {@code baby-gpt} (C 384, heads of 64, T 256) and {@code gpt2-124m} (C 768, V 50257).
 */
package dev.lanewise.bench;
