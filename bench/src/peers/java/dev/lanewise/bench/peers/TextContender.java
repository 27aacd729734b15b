package dev.lanewise.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lanewise.bench.GenerationBenchmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** A program that writes text with the shape of gpt2-124m, in one precision of the weights. */
sealed interface TextContender {

  /** Tokens a second. */
  record Speed(double prompt, double text) {}

  /** Returns whose program it is. */
  String name();

  /** Returns the precision of the weights. */
  String weights();

  /**
   * Measures it in processes of its own.
   *
   * @throws IllegalStateException if one fails
   */
  Speed measure(int threads) throws IOException, InterruptedException;

  /** Lanewise: {@link GenerationBenchmark} in one JVM for each of the two figures. */
  record Lanewise(String weights) implements TextContender {

    @Override
    public String name() {
      return TextTable.LANEWISE;
    }

    @Override
    public Speed measure(int threads) {
      return new Speed(tokensPerSecond("prompt", threads), tokensPerSecond("token", threads));
    }

    private double tokensPerSecond(String method, int threads) {
      ChainedOptionsBuilder options =
          new OptionsBuilder()
              .include(GenerationBenchmark.class.getName() + "\\." + method + "$")
              .param("threads", "" + threads)
              .param("weights", weights)
              .forks(1)
              .verbosity(VerboseMode.SILENT)
              // JMH's own library, of whose use of Unsafe each JVM warns.
              .jvmArgsPrepend("--sun-misc-unsafe-memory-access=allow")
              .shouldFailOnError(true);
      try {
        RunResult result = new Runner(options.build()).runSingle();
        return result.getPrimaryResult().getScore();
      } catch (RunnerException e) {
        throw new IllegalStateException("the benchmark of " + method + " failed", e);
      }
    }
  }

  /**
   * llama.cpp: its own benchmark, {@code llama-bench}.
   *
   * @param program the benchmark
   * @param model a GGUF file
   */
  record LlamaCpp(String weights, Path program, Path model) implements TextContender {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String name() {
      return TextTable.LLAMA;
    }

    @Override
    public Speed measure(int threads) throws IOException, InterruptedException {
      Path output = Files.createTempFile("lanewise-compare", ".out");
      Path errors = Files.createTempFile("lanewise-compare", ".err");
      try {
        List<String> command = new ArrayList<>();
        command.add(program.toString());
        command.addAll(List.of("-m", model.toString()));
        command.addAll(List.of("-p", "900", "-n", "64", "-r", "5", "-o", "json"));
        command.addAll(List.of("-t", "" + threads));
        int exit =
            new ProcessBuilder(command)
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile())
                .start()
                .waitFor();
        if (exit != 0) {
          throw new IllegalStateException(
              String.join(" ", command) + " failed:\n" + Files.readString(errors));
        }
        JsonNode tests = JSON.readTree(output.toFile());
        return new Speed(speed(tests, "n_prompt"), speed(tests, "n_gen"));
      } finally {
        Files.delete(output);
        Files.delete(errors);
      }
    }

    /** Of the test that has tokens of this kind. */
    private static double speed(JsonNode tests, String kind) {
      for (JsonNode test : tests) {
        if (test.path(kind).asInt() > 0) {
          return test.path("avg_ts").asDouble();
        }
      }
      throw new IllegalStateException("llama-bench has measured nothing with " + kind);
    }
  }
}
