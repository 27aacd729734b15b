package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.trainer.run.Resume;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.run.compare.ComparedRun;
import dev.lanewise.trainer.run.compare.Comparison;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.ConfigType;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.CorpusLabel;
import dev.lanewise.trainer.text.TrainingData;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs that differ in nothing but the seed, in folders beside each other. What is there of them
 * already is passed over if it is done, and resumed if it is not; what is there and is not of them
 * is refused before anything is trained.
 */
final class SeedSeries {

  private final Map<RunFolder, Settings> runs = new LinkedHashMap<>();
  private final TrainingData text;
  private final String from;
  private final Display display;

  /**
   * Makes a series; nothing is looked at yet.
   *
   * @param out what the names of the folders begin with
   * @param settings of each run, but for its seed
   * @param from the model that they begin with, in words; null for a new one
   */
  SeedSeries(
      List<Long> seeds,
      Path out,
      Settings settings,
      TrainingData text,
      String from,
      Display display) {
    for (long seed : seeds) {
      Path folder = out.resolveSibling(out.getFileName() + "-seed-" + seed);
      runs.put(new RunFolder(folder), settings.with(ConfigKey.SEED, seed));
    }
    this.text = text;
    this.from = from;
    this.display = display;
  }

  /**
   * Tells of what makes no sense with several seeds.
   *
   * @param seeds as they were given
   * @param out as it was given, or null
   */
  static List<String> problems(
      String seeds, Path out, boolean seedIsGiven, boolean resume, boolean readsStandardInput) {
    List<String> problems = new ArrayList<>();
    try {
      Seeds.parse(seeds);
    } catch (IllegalArgumentException e) {
      problems.add(e.getMessage());
    }
    if (out == null || !String.valueOf(out.getFileName()).matches(".*[^.].*")) {
      problems.add(
          "--seeds makes folders beside each other; say with --out what their names begin with");
    }
    if (seedIsGiven) {
      problems.add("--seeds and --seed both say which seed; give one of them");
    }
    if (resume) {
      problems.add("--seeds goes on with what is there by itself; leave out --resume");
    }
    if (readsStandardInput) {
      problems.add("--seeds reads the text several times; --data - can be read once, so save it");
    }
    return problems;
  }

  /** Trains what is not done, and shows what all of them came to. */
  void train(Training training) throws IOException {
    Map<RunFolder, Standing> standings = look();
    for (Map.Entry<RunFolder, Settings> run : runs.entrySet()) {
      RunFolder folder = run.getKey();
      if (standings.get(folder) == Standing.DONE) {
        display.tell(new PassedOver(folder.path()));
        continue;
      }
      if (training.isStopped()) {
        display.result(new Summary(false, List.of()));
        return;
      }
      boolean resume = standings.get(folder) == Standing.BEGUN;
      if (!train(training, folder, run.getValue(), resume)) {
        display.result(new Summary(false, List.of()));
        return;
      }
    }
    List<Path> folders = runs.keySet().stream().map(RunFolder::path).toList();
    Comparison comparison = Comparison.of(folders, display::warning);
    GroupMessage.of(comparison).forEach(display::result);
    comparison.notes().forEach(display::note);
    display.result(new Summary(true, folders));
  }

  private boolean train(Training training, RunFolder folder, Settings settings, boolean resume)
      throws IOException {
    display.tell(new RunMessage.Begins(text.description(), folder.path(), from));
    try {
      TrainingRun.Outcome outcome = training.train(settings, folder, text, resume);
      display.result(new RunSummary(outcome, folder));
      return outcome.completed();
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      display.warning(
          "%s did not come to its end; the same command goes on with it".formatted(folder.path()));
      throw e;
    }
  }

  private enum Standing {
    NEW,
    BEGUN,
    DONE
  }

  private Map<RunFolder, Standing> look() throws IOException {
    Map<RunFolder, Standing> standings = new LinkedHashMap<>();
    for (Map.Entry<RunFolder, Settings> run : runs.entrySet()) {
      RunFolder folder = run.getKey();
      folder.requireUsable();
      Optional<ConfigLayer> there = Resume.settings(folder, warning -> {});
      if (there.isEmpty()) {
        standings.put(folder, Standing.NEW);
      } else {
        requireSame(folder, there.get().toSettings(), run.getValue());
        standings.put(folder, isDone(folder) ? Standing.DONE : Standing.BEGUN);
      }
    }
    if (standings.containsValue(Standing.DONE)) {
      requireSameText(standings);
    }
    return standings;
  }

  /** The lines of the log come before the checkpoint that they go with. */
  private static boolean isDone(RunFolder folder) throws IOException {
    ComparedRun run = ComparedRun.read(folder, warning -> {});
    long steps = run.settings().step().steps();
    return run.isFinished() && new CheckpointCatalog(folder.path()).list().containsKey(steps);
  }

  private static void requireSame(RunFolder folder, Settings there, Settings asked) {
    List<String> differences = new ArrayList<>();
    for (ConfigKey key : ConfigKey.values()) {
      Object before = key.valueIn(there);
      Object now = key.valueIn(asked);
      // A run by epochs finds out its steps.
      boolean found = key == ConfigKey.STEPS && asked.step().epochs() > 0;
      if (!found && !before.equals(now)) {
        differences.add(
            "%s was %s and is now %s"
                .formatted(key.option(), ConfigType.format(before), ConfigType.format(now)));
      }
    }
    if (!differences.isEmpty()) {
      throw new InvalidConfigException(
          List.of(
              "the run in %s was begun with other settings: %s; give the command as it was, or another --out"
                  .formatted(folder.path(), String.join(", ", differences))));
    }
  }

  /** Of a run that goes on the text is looked at when it does. */
  private void requireSameText(Map<RunFolder, Standing> standings) throws IOException {
    String given = text.fingerprint(display);
    for (Map.Entry<RunFolder, Standing> run : standings.entrySet()) {
      Optional<CorpusLabel> corpus = CorpusLabel.in(run.getKey().data());
      if (run.getValue() == Standing.DONE
          && corpus.filter(label -> !label.text().equals(given)).isPresent()) {
        throw new InvalidConfigException(
            List.of(
                "the text is not the one that the run in %s was trained on; give the same --data, or another --out"
                    .formatted(run.getKey().path())));
      }
    }
  }

  /** A run was there and done. */
  private record PassedOver(Path run) implements Message {

    @Override
    public String type() {
      return "passed_over";
    }

    @Override
    public String text() {
      return run + " is done already";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("run", run.toString());
    }
  }

  /** What to do next. */
  private record Summary(boolean completed, List<Path> folders) implements Message {

    @Override
    public String type() {
      return "seeds";
    }

    @Override
    public String text() {
      return completed
          ? "Curves:%n  ./lanewise compare %s"
              .formatted(
                  String.join(" ", folders.stream().map(f -> ShellWord.of(f.toString())).toList()))
          : "The same command goes on with the seeds that are left.";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeBooleanField("completed", completed);
      json.writeArrayFieldStart("runs");
      for (Path folder : folders) {
        json.writeString(folder.toString());
      }
      json.writeEndArray();
    }
  }
}
