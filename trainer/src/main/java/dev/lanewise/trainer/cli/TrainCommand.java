package dev.lanewise.trainer.cli;

import dev.lanewise.kernels.KernelSet;
import dev.lanewise.trainer.cli.jvm.StopSignals;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.run.CheckpointFailurePolicy;
import dev.lanewise.trainer.run.NonFinitePolicy;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.run.checkpoint.Checkpoint;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.ConfigYaml;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.JdkSources;
import dev.lanewise.trainer.text.TextSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code lanewise train}. */
@Command(
    name = "train",
    description = {
      "Trains a GPT on text and saves it.",
      "",
      "Settings come from a preset, then from --config, then from options: the later",
      "wins. Every setting is an option, and the run's folder gets a config.yaml with",
      "all of them, which --config reads."
    },
    footer = {
      "",
      "Examples:",
      "  lanewise train",
      "      the default model on the JDK's own sources, a few minutes on 2 cores",
      "  lanewise train --data book.txt letters/ --steps 2000",
      "      on your own text: UTF-8 files and folders",
      "  lanewise train --preset shakespeare-char --data tinyshakespeare.txt",
      "  lanewise train --config my.yaml --lr 1e-3",
      "  lanewise train --resume",
      "      goes on with the newest run below runs/; --out DIR names another",
      "",
      "A run is a folder: config.yaml, metrics.jsonl (a line per step), report.html",
      "(loss curves), checkpoints/. Ctrl-C completes the step, saves and stops; a",
      "second Ctrl-C stops at once. The result depends on settings, seed and text",
      "only, not on --threads or the machine. For more memory than a quarter of the",
      "machine's: LANEWISE_JAVA_OPTS=-Xmx8g ./lanewise train ..."
    })
final class TrainCommand extends Subcommand {

  private static final Set<ConfigKey> SETTINGS = EnumSet.allOf(ConfigKey.class);

  @Option(
      names = "--data",
      preprocessor = Verbatim.class,
      arity = "1..*",
      paramLabel = "PATH",
      description =
          "text files or folders in UTF-8; - is the standard input, which the run keeps as text.txt"
              + " (default: the sources of java.util and java.lang)")
  private List<Path> data = List.of();

  @Option(
      names = "--skip-bad",
      description =
          "leave out files that are missing, unreadable, binary or not UTF-8, and say how many")
  private boolean skipBad;

  @Option(
      names = "--preset",
      preprocessor = Verbatim.class,
      paramLabel = "NAME",
      description = "where settings come from first; see below (default: chapter)")
  private String preset;

  @Option(
      names = "--config",
      preprocessor = Verbatim.class,
      paramLabel = "FILE",
      description = "settings in YAML, such as \"d_model: 256\"; wins over the preset")
  private Path configFile;

  @Option(
      names = "--out",
      preprocessor = Verbatim.class,
      paramLabel = "DIR",
      description = "folder of the run (default: runs/PRESET-TIME)")
  private Path out;

  @Option(names = "--resume", description = "go on with a run from its newest checkpoint")
  private boolean resume;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute; does not change the result (default: all processors)")
  private Integer threads;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  @Option(
      names = "--on-non-finite",
      paramLabel = "stop|skip",
      description =
          "what to do when a loss or gradient is not finite: stop, or skip the step (default:"
              + " stop)")
  private NonFinitePolicy onNonFinite = NonFinitePolicy.STOP;

  @Option(
      names = "--on-checkpoint-failure",
      paramLabel = "stop|continue",
      description =
          "what to do when a checkpoint cannot be written: stop, or warn and try again at the next"
              + " one (default: continue)")
  private CheckpointFailurePolicy onCheckpointFailure = CheckpointFailurePolicy.CONTINUE;

  @Override
  void addOptions(CommandSpec spec) {
    ConfigOptions.addTo(spec, SETTINGS);
    ConfigOptions.addPresetsTo(spec);
  }

  @Override
  int run() throws IOException {
    Preset base = preset == null ? Preset.DEFAULT : Preset.named(preset);
    RunFolder folder = folder(base);
    Settings config = configuration(base, folder);
    List<String> problems = new ArrayList<>(threadProblems(threads));
    problems.addAll(config.problems());
    Optimizers.STANDARD.problems(config.optimizer().kind()).forEach(problems::add);
    Schedules.STANDARD.problems(config.schedule().kind()).forEach(problems::add);
    requireNone(problems);
    int workers = requireThreads(threads);
    KernelSet set = kernels.create();
    ModelPlan plan = new ModelPlan(config, set, workers, Runtime.getRuntime().maxMemory());
    plan.requireFits(plan.transformer(ModelPlan.vocabularyBeforeTheText(config)), 0);
    if (resume && StandardInput.isNamed(data)) {
      throw wrongCall("--resume goes on with the text that the run has; leave out --data -");
    }
    List<Path> named =
        resume && data.isEmpty()
            ? folder.rememberedText()
            : StandardInput.saved(data, System.in, folder.path().resolve("text.txt"));
    TextSource text = named.isEmpty() ? JdkSources.ofRunningJdk() : findText(named, skipBad);
    double peak = PeakFlops.measureGigaflops(workers);
    out().println("Training on " + text.description());
    out().println("  run      " + folder.path());
    out().flush();
    String machine =
        String.format(
            Locale.ROOT,
            "%d thread%s, %s kernels, peak %.0f GFLOP/s",
            workers,
            workers == 1 ? "" : "s",
            set.name(),
            peak);
    var settings =
        new TrainingRun.Options(
            config,
            folder.path(),
            text,
            workers,
            set,
            Optimizers.STANDARD,
            Schedules.STANDARD,
            resume,
            onNonFinite,
            onCheckpointFailure);
    TrainingRun.Outcome outcome;
    try (RunDisplay display = RunDisplay.on(out(), err(), peak);
        RunRecorder recorder =
            new RunRecorder(folder, config, named, text.description(), peak, display::warning)) {
      TrainingRun run = new TrainingRun(settings, new WatchedRun(recorder, display, plan, machine));
      outcome = run(run, display);
    }
    explain(outcome, folder, config);
    return 0;
  }

  private static TrainingRun.Outcome run(TrainingRun run, RunDisplay display) throws IOException {
    Runnable stop =
        () -> {
          display.line("stopping after this step; once more to stop at once");
          run.stop();
        };
    StopSignals signals = StopSignals.catching(stop);
    try {
      return run.run();
    } finally {
      signals.close();
    }
  }

  private RunFolder folder(Preset base) throws IOException {
    if (out != null) {
      return new RunFolder(out);
    }
    if (resume) {
      return RunFolder.newest()
          .orElseThrow(
              () -> wrongCall("there is no run below runs/ to resume; name one with --out DIR"));
    }
    return RunFolder.fresh(base.id(), LocalDateTime.now(ZoneId.systemDefault()));
  }

  private Settings configuration(Preset base, RunFolder folder) throws IOException {
    ConfigLayer layer;
    if (resume) {
      layer = rememberedSettings(folder);
      if (preset != null) {
        err().println("--preset is ignored: the run has its own " + folder.config());
      }
    } else {
      layer = base.layer();
      if (base == Preset.DEFAULT && !data.isEmpty()) {
        // The preset's prompt is Java, which only the text that is used by default is.
        layer = layer.with(ConfigKey.PROMPT, "\n");
      }
    }
    ConfigLayer configured = configFile == null ? ConfigLayer.empty() : ConfigYaml.read(configFile);
    ConfigLayer given = ConfigOptions.given(spec(), SETTINGS);
    boolean explicitWarmup = given.over(configured).value(ConfigKey.WARMUP).isPresent();
    Settings config = given.over(configured).over(layer).toSettings();
    if (!resume && !explicitWarmup && config.schedule().warmup() >= config.step().steps()) {
      config = withShortWarmup(config);
    }
    return config;
  }

  /** A run that was killed before it wrote its settings has nothing to resume either. */
  private ConfigLayer rememberedSettings(RunFolder folder) throws IOException {
    if (Files.exists(folder.config())) {
      return ConfigYaml.read(folder.config());
    }
    Checkpoint newest = new CheckpointCatalog(folder.path()).newest().found();
    if (newest == null) {
      throw wrongCall(
          "there is no run to resume in " + folder.path() + "; begin one without --resume");
    }
    err().println(folder.config() + " is missing; the settings are those of " + newest.folder());
    return ConfigLayer.of(newest.state().settings());
  }

  /** The presets' warmups are for their own numbers of steps. */
  private Settings withShortWarmup(Settings config) {
    long warmup = config.step().steps() / 10;
    err()
        .printf(
            Locale.ROOT,
            "For %d steps, --warmup is %d instead of %d.%n",
            config.step().steps(),
            warmup,
            config.schedule().warmup());
    return ConfigLayer.of(config).with(ConfigKey.WARMUP, warmup).toSettings();
  }

  private void explain(TrainingRun.Outcome outcome, RunFolder folder, Settings config) {
    String name = shellWord(folder.path().toString());
    if (!outcome.completed()) {
      out()
          .printf(
              Locale.ROOT,
              "Stopped after %d of %d steps, all saved. To go on:%n  ./lanewise train --resume"
                  + " --out %s%n",
              outcome.completedSteps(),
              config.step().steps(),
              name);
      return;
    }
    String skipped =
        outcome.skippedSteps() == 0 ? "" : " (" + outcome.skippedSteps() + " of them skipped)";
    out().printf(Locale.ROOT, "Done: %d steps%s.", outcome.completedSteps(), skipped);
    if (outcome.best() != null) {
      out()
          .printf(
              Locale.ROOT,
              " Best validation loss %.4f, after %d.",
              outcome.best().loss(),
              outcome.best().step());
    }
    out()
        .printf(
            Locale.ROOT,
            "%n  model    %s%n  curves   %s%nLet it write:%n"
                + "  ./lanewise generate --model %s --max-tokens 200%n",
            outcome.bestCheckpoint(),
            folder.report(),
            name);
  }

  private static String shellWord(String text) {
    return text.matches("[\\w./:@%+=-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
  }
}
