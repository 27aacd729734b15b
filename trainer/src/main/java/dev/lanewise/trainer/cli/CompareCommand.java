package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.run.compare.ComparePage;
import dev.lanewise.trainer.run.compare.Comparison;
import dev.lanewise.trainer.run.page.Page;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code lanewise compare}. */
@Command(
    name = "compare",
    description = {
      "Shows several runs beside each other: what differs, and what came of it.",
      "",
      "Prints a table and writes a page with curves: loss against steps, tokens and",
      "seconds, learning rate, gradient norm. Runs that differ in nothing but the seed",
      "are put together: mean and standard deviation. They may still be training."
    },
    footer = {
      "",
      "Examples:",
      "  lanewise compare runs/old runs/new",
      "  lanewise compare runs/mine-seed-* --out seeds.html"
    })
final class CompareCommand extends WatchedCommand {

  private static final int BEGINNING = 1 << 10;

  @Parameters(
      arity = "1..*",
      paramLabel = "RUN",
      preprocessor = Verbatim.class,
      description = "folders of runs")
  private List<Path> runs;

  @Option(
      names = "--out",
      preprocessor = Verbatim.class,
      paramLabel = "FILE",
      description = "the page; one that compare wrote is replaced (default: compare.html)")
  private Path out = Path.of("compare.html");

  @Option(names = "--overwrite", description = "replace a file that something else wrote, too")
  private boolean overwrite;

  @Override
  int run(Display display) throws IOException {
    OutputPlace place = new OutputPlace(out, false, overwrite || isOwnPage());
    requireNone(place.problems());
    Comparison comparison = Comparison.of(runs, this::warn);
    String page = ComparePage.html(comparison, Instant.now());
    place.write(temporary -> DurableFiles.write(temporary, page));
    GroupMessage.of(comparison).forEach(display::result);
    comparison.notes().forEach(display::note);
    display.result(new Written(out, comparison));
    return 0;
  }

  private boolean isOwnPage() throws IOException {
    if (!Files.isRegularFile(out)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(out)) {
      String beginning = new String(in.readNBytes(BEGINNING), StandardCharsets.UTF_8);
      return beginning.contains(Page.mark(ComparePage.KIND));
    }
  }

  /** Where the curves are. */
  private record Written(Path page, Comparison comparison) implements Message {

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return "Curves: " + page;
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "compare");
      json.writeStringField("page", page.toString());
      json.writeNumberField("groups", comparison.groups().size());
    }
  }
}
