package dev.lanewise.bench.peers;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures prompts and text of Lanewise and of llama.cpp by turns and prints the ratios. */
@Command(
    name = "text-comparison",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures prompts and text: Lanewise and llama.cpp by turns.")
public final class TextComparison implements Callable<Integer> {

  private static final List<String> OURS = List.of("F32", "BF16", "INT8");
  private static final List<String> THEIRS = List.of("F32", "BF16", "F16", "Q8_0");

  @Spec private CommandSpec spec;

  @Mixin private Turns turns;

  @Option(
      names = "--llama",
      paramLabel = "DIR",
      required = true,
      description = "where llama-bench and the models are, each as gpt2-124m-PRECISION.gguf")
  private Path llama;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new TextComparison()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Machine.here().write(turns.result("text-machine.json"));
    List<TextResult> results = new ArrayList<>();
    for (int round = 1; round <= turns.rounds(); round++) {
      for (TextContender contender : Turns.inOrder(round, contenders())) {
        TextResult result = measure(round, contender);
        results.add(result);
        out.printf(
            "round %d  %-9s  %-4s  prompt %7.1f tokens/s  text %6.1f tokens/s  others used %.1f %%%n",
            round,
            result.contender(),
            result.weights(),
            result.prompt(),
            result.text(),
            result.company() * 100);
        out.flush();
      }
      TextResult.write(turns.result("text.json"), results);
    }
    out.println();
    out.print(TextTable.of(results).toMarkdown());
    out.flush();
    return 0;
  }

  private TextResult measure(int round, TextContender contender)
      throws IOException, InterruptedException {
    long self = ProcessHandle.current().pid();
    double before = Company.secondsOf(self);
    Company company = Company.watch();
    TextContender.Speed speed = contender.measure(turns.threads());
    double others = company.share(Company.secondsOf(self) - before);
    return new TextResult(
        round,
        contender.name(),
        contender.weights(),
        turns.threads(),
        speed.prompt(),
        speed.text(),
        others);
  }

  private List<TextContender> contenders() {
    List<TextContender> contenders = new ArrayList<>();
    OURS.forEach(weights -> contenders.add(new TextContender.Lanewise(weights)));
    for (String weights : THEIRS) {
      String file = "gpt2-124m-%s.gguf".formatted(weights.toLowerCase(Locale.ROOT));
      contenders.add(
          new TextContender.LlamaCpp(weights, llama.resolve("llama-bench"), llama.resolve(file)));
    }
    return contenders;
  }
}
