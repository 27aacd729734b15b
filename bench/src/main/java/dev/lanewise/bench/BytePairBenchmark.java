package dev.lanewise.bench;

import dev.lanewise.trainer.text.JdkSources;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTrainer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Byte pairs learned from a text, and the text encoded with them, on one thread. The text is the
 * JDK's sources, or a file: {@code -p text=FILE}.
 */
@State(Scope.Benchmark)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class BytePairBenchmark extends ForkedBenchmark {

  private static final String JDK_SOURCES = "JDK sources";

  @Param(JDK_SOURCES)
  public String text;

  @Param("5000")
  public int vocabulary;

  private byte[] utf8;
  private BytePairTokenizer tokenizer;
  private int tokens;

  /** Counts text, in millions of bytes. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Text {
    public double megabytes;
  }

  @Setup(Level.Trial)
  public void setup() throws IOException {
    utf8 = text.equals(JDK_SOURCES) ? jdkSources() : Files.readAllBytes(Path.of(text));
    tokenizer = learn();
  }

  private static byte[] jdkSources() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    JdkSources.ofRunningJdk(JdkSources.Selection.CORE).copyTo(bytes::write);
    return bytes.toByteArray();
  }

  /** Learns the vocabulary: counts, then merges. */
  @Benchmark
  @BenchmarkMode(Mode.AverageTime)
  @OutputTimeUnit(TimeUnit.MILLISECONDS)
  public BytePairTokenizer learn() {
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.write(utf8, 0, utf8.length);
    return trainer.train(vocabulary);
  }

  /** Encodes all of the text, knowing no word of it yet. */
  @Benchmark
  @BenchmarkMode(Mode.Throughput)
  @OutputTimeUnit(TimeUnit.SECONDS)
  public int encode(Text counter) throws IOException {
    tokens = 0;
    TokenEncoder encoder = tokenizer.encoder((ids, count) -> tokens += count);
    encoder.write(utf8, 0, utf8.length);
    encoder.finish();
    counter.megabytes += utf8.length * 1e-6;
    return tokens;
  }
}
