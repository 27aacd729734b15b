package dev.lanewise.bench.peers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs {@link MatmulPeers} with the libraries that are there. */
@Command(
    name = "matmul-comparison",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = "Measures matrix products: Lanewise, OpenBLAS and MKL on the same threads.")
public final class MatmulComparison implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--forks",
      paramLabel = "N",
      description = "JVMs per measurement (default: ${DEFAULT-VALUE})")
  private int forks = 5;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      description = "numbers of threads (default: 1,2)")
  private String[] threads = {"1", "2"};

  @Option(
      names = "--shape",
      paramLabel = "ROWSxINxOUT",
      split = ",",
      description = "shapes of layers (default: those of the presets)")
  private String[] shapes = {};

  @Option(
      names = "--form",
      paramLabel = "FORM",
      split = ",",
      description = "products: XW, DYWT, XTDY (default: all)")
  private String[] forms = {};

  @Option(
      names = "--results",
      paramLabel = "DIR",
      required = true,
      description = "where matmul.json goes")
  private Path folder;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new MatmulComparison()).execute(args));
  }

  @Override
  public Integer call() throws IOException, RunnerException {
    Path machineFile = folder.resolve("matmul-machine.json");
    Machine machine = Machine.here();
    boolean sameMachine = Files.exists(machineFile) && machine.isLike(Machine.read(machineFile));
    Path measured = Files.createTempFile("lanewise-matmul", ".json");
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(MatmulPeers.class.getName())
            .param("variant", variants().toArray(String[]::new))
            .param("threads", threads)
            .forks(forks)
            .shouldFailOnError(true)
            .resultFormat(ResultFormatType.JSON)
            .result(measured.toString());
    if (shapes.length > 0) {
      options.param("shape", shapes);
    }
    if (forms.length > 0) {
      options.param("form", forms);
    }
    Company company = Company.watch();
    new Runner(options.build()).run();
    keep(measured, folder.resolve("matmul.json"), sameMachine);
    machine.write(machineFile);
    double others = company.share(Company.secondsOf(ProcessHandle.current().pid()));
    spec.commandLine().getOut().print(MatmulTable.read(measured).toMarkdown());
    Files.delete(measured);
    spec.commandLine().getOut().printf("others used %.1f %% of the machine%n", others * 100);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private List<String> variants() {
    PrintWriter err = spec.commandLine().getErr();
    List<String> variants = new ArrayList<>(List.of("lanewise", "prepacked"));
    for (NativeBlas.Library library : NativeBlas.Library.values()) {
      if (library.isPresent()) {
        variants.add(library.id());
      } else {
        err.println(library.id() + " is not on the class path: skipped");
      }
    }
    err.flush();
    return variants;
  }

  /**
   * Puts what was measured in the place of what there is of the same products, and leaves the
   * others, because the whole list takes an hour; but not those of another machine. The path of the
   * JVM is left out, because results are published, and where this machine keeps its JVM is
   * nobody's business.
   */
  private static void keep(Path measured, Path results, boolean sameMachine) throws IOException {
    ObjectMapper json = new ObjectMapper();
    Map<JsonNode, JsonNode> byProduct = new LinkedHashMap<>();
    boolean merged = sameMachine && Files.exists(results);
    List<Path> files = merged ? List.of(results, measured) : List.of(measured);
    for (Path file : files) {
      for (JsonNode run : json.readTree(file.toFile())) {
        ((ObjectNode) run).remove("jvm");
        byProduct.put(run.get("params"), run);
      }
    }
    json.writerWithDefaultPrettyPrinter().writeValue(results.toFile(), byProduct.values());
  }
}
