package dev.lanewise.bench.peers;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts tables into docs/perf/README.md, between its markers, and plots beside it. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = "Makes the tables and plots of docs/perf/README.md from docs/perf/results.")
public final class Report implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(names = "--folder", paramLabel = "DIR", required = true, description = "docs/perf")
  private Path folder;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.setProperty("java.awt.headless", "true");
    System.exit(new CommandLine(new Report()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Path readme = folder.resolve("README.md");
    String text = Files.readString(readme);
    text = report(text, folder.resolve("results"), "");
    text = report(text, folder.resolve("results", "avx2"), "-avx2");
    Files.writeString(readme, text);
    return 0;
  }

  /** Puts the results of one folder into the text; markers and plots have the suffix. */
  private String report(String text, Path results, String suffix) throws IOException {
    String changed = text;
    Path steps = results.resolve("step.csv");
    if (Files.exists(steps)) {
      StepTable table = StepTable.of(StepResult.read(steps));
      Machine machine = Machine.read(results.resolve("step-machine.json"));
      changed = replace(changed, "step" + suffix, table.toMarkdown() + "\n" + describe(machine));
      Plots.step(table, folder.resolve("step" + suffix + ".png"));
      say(table.toMarkdown());
    }
    Path texts = results.resolve("text.json");
    if (Files.exists(texts)) {
      TextTable table = TextTable.of(TextResult.read(texts));
      Machine machine = Machine.read(results.resolve("text-machine.json"));
      changed = replace(changed, "text" + suffix, table.toMarkdown() + "\n" + describe(machine));
      say(table.toMarkdown());
    }
    Path products = results.resolve("matmul.json");
    if (Files.exists(products) && Files.size(products) > 0) {
      MatmulTable table = MatmulTable.read(products);
      Machine machine = Machine.read(results.resolve("matmul-machine.json"));
      changed = replace(changed, "matmul" + suffix, table.toMarkdown() + describe(machine));
      int threads = table.threads().getLast();
      double peak = threads == 1 ? machine.peakOfOneThread() : machine.peakOfTwoThreads();
      Plots.matmul(table, threads, peak, folder.resolve("matmul" + suffix + ".png"));
      say(table.toMarkdown());
    }
    return changed;
  }

  private void say(String text) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(text);
    out.flush();
  }

  private static String describe(Machine machine) {
    return String.format(
        Locale.ROOT,
        """
        Measured on %s: %s, %d cores, %s, %s; FMA peak %.0f GFLOP/s on one thread, %.0f on two.
        JVM: %s; flags `%s`.
        """,
        machine.date(),
        machine.cpu(),
        machine.cores(),
        machine.vectors(),
        machine.system(),
        machine.peakOfOneThread(),
        machine.peakOfTwoThreads(),
        machine.jdk(),
        String.join(" ", machine.flags()));
  }

  /** Replaces what is between {@code <!-- name -->} and {@code <!-- /name -->}. */
  private static String replace(String text, String name, String content) {
    String begin = "<!-- " + name + " -->\n";
    String end = "<!-- /" + name + " -->";
    int from = text.indexOf(begin);
    int to = text.indexOf(end);
    if (from < 0 || to < from) {
      throw new IllegalStateException("README.md has no " + begin.strip() + " ... " + end);
    }
    return text.substring(0, from + begin.length()) + "\n" + content + "\n" + text.substring(to);
  }
}
