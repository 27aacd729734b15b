package dev.lanewise.trainer.cli;

import dev.lanewise.engine.cluster.ClusterException;
import dev.lanewise.engine.cluster.Launched;
import dev.lanewise.engine.cluster.RankShards;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.family.Families;
import dev.lanewise.trainer.cli.jvm.JvmFacts;
import dev.lanewise.trainer.optim.Optimizers;
import dev.lanewise.trainer.optim.Schedules;
import dev.lanewise.trainer.profile.ProfileRecording;
import dev.lanewise.trainer.run.CheckpointFailurePolicy;
import dev.lanewise.trainer.run.KnownModel;
import dev.lanewise.trainer.run.NonFinitePolicy;
import dev.lanewise.trainer.run.RankFollower;
import dev.lanewise.trainer.run.Resume;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.RunForecast;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.ConfigYaml;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.TokenizerKinds;
import dev.lanewise.trainer.text.TrainingData;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code lanewise train}. */
@Command(
    name = "train",
    description = {
      "Trains a model on text and saves it: a new one, or one that is there (--from).",
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
      "  lanewise train --from SmolLM2-135M/ --data my-texts/ --epochs 3",
      "      goes on training a model that is there: a folder as Hugging Face has it,",
      "      or a run",
      "  lanewise train --from SmolLM2-135M-Instruct/ --data chats.jsonl --epochs 3",
      "      the same on chats, of which the answers count",
      "  lanewise train --from SmolLM2-135M/ --data my-texts/ --lora-rank 16",
      "      leaves that model as it is and trains what is added to it (LoRA): much less",
      "      memory, and checkpoints of megabytes; --adapter DIR goes on from one",
      "  lanewise train --config my.yaml --lr 1e-3",
      "  lanewise train --data book.txt --minutes 30",
      "      for half an hour: its time decides on the way how many steps there are",
      "  lanewise train --resume",
      "      goes on with the newest run below runs/ that has taken a step; --out DIR",
      "      names another",
      "  mpirun -n 4 --bind-to none lanewise train --data book.txt",
      "      four processes, on one machine or several; docs/SCALING.md",
      "",
      "A run is a folder: config.yaml, metrics.jsonl (a line per step), report.html",
      "(charts and samples), checkpoints/. Ctrl-C completes the step, saves and stops; a",
      "second Ctrl-C stops at once. The result depends on settings, seed and text",
      "only, not on --threads, ranks or the machine. For more memory than a quarter of",
      "the machine's: LANEWISE_JAVA_OPTS=-Xmx8g ./lanewise train ..."
    })
final class TrainCommand extends WatchedCommand {

  private static final Set<ConfigKey> SETTINGS = EnumSet.allOf(ConfigKey.class);

  @Mixin private TextOptions data = new TextOptions();

  @Option(
      names = "--preset",
      preprocessor = Verbatim.class,
      paramLabel = "NAME",
      description =
          "where settings come from first; see below (default: quickstart; with --from: tune; with"
              + " --lora-rank or --adapter: lora)")
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
      description =
          "folder of the run: a new one, an empty one, or a run (default: runs/PRESET-TIME)")
  private Path out;

  @Option(
      names = "--seeds",
      preprocessor = Verbatim.class,
      paramLabel = "LIST",
      description =
          "train a run for each of several seeds (1..5, or 1,2,7), one after another, into"
              + " DIR-seed-1 and so on; the same command again goes on where it was stopped")
  private String seeds;

  @Option(names = "--resume", description = "go on with a run from its newest checkpoint")
  private boolean resume;

  @Option(
      names = "--dry-run",
      description =
          "prepare everything, take a few steps, say how many steps, how much memory and how much"
              + " time the run takes, and keep nothing")
  private boolean dryRun;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute; does not change the result (default: physical cores)")
  private Integer threads;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  @Option(names = "--recompute", paramLabel = "auto|on|off", description = Recompute.DESCRIPTION)
  private Recompute recompute = Recompute.AUTO;

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

  @Option(
      names = "--profile",
      description =
          "record where the time goes (JFR), show it at the end, and keep RUN/profile.jfr and"
              + " RUN/profile.html; of a long run the last 256 MB")
  private boolean profile;

  @Option(
      names = "--no-lock",
      description =
          "do not lock the run's folder, for a file system without locks (some of NFS and FUSE);"
              + " see to it that no other trainer uses the folder")
  private boolean noLock;

  @Mixin private RankOptions ranks;

  private Optional<Launched> launched = Optional.empty();

  private RankOrders orders = RankOrders.alone();

  @Override
  void addOptions(CommandSpec spec) {
    ConfigOptions.addTo(spec, SETTINGS);
    ConfigOptions.addPresetsTo(spec);
  }

  @Override
  boolean tellsOnOut() {
    return true;
  }

  @Override
  int run(Display display) throws IOException {
    launched = ranks.launched(System.getenv());
    orders = ranks.join(launched);
    return orders.isAlone() ? train(display) : new RankedCommand(orders).run(this, display);
  }

  /** What has to be the same on all ranks, besides what the program is. */
  String asked() {
    List<String> lines = new ArrayList<>();
    ConfigLayer options = ConfigOptions.given(spec(), SETTINGS);
    for (ConfigKey key : ConfigKey.values()) {
      options.value(key).ifPresent(value -> lines.add(key.option() + " " + value));
    }
    data.tell(lines);
    lines.add("--preset " + preset);
    lines.add("--config " + configFile);
    lines.add("--out " + out);
    lines.add("--seeds " + seeds);
    lines.add("--resume " + resume);
    lines.add("--dry-run " + dryRun);
    return String.join("\n", lines);
  }

  /** On the other ranks. */
  void follow() throws IOException {
    RankFollower.follow(
        orders, workers(), kernels.create(), Optimizers.STANDARD, Schedules.STANDARD);
  }

  KernelSet kernels() {
    return kernels.create();
  }

  /** On rank 0: how often the others hear that it is there. */
  Duration sayWaitEvery() {
    return ranks.period();
  }

  /** Ranks on one machine share its cores, unless the launcher has divided them already. */
  private int workers() {
    int workers = requireThreads(threads);
    int together = launched.map(Launched::onThisMachine).orElse(1);
    JvmFacts jvm = new JvmFacts();
    boolean divided = jvm.processors() < jvm.machineProcessors();
    return threads != null || divided ? workers : Math.max(1, workers / together);
  }

  /** What one process does, or rank 0. */
  int train(Display display) throws IOException {
    ConfigLayer options = ConfigOptions.given(spec(), SETTINGS);
    if (seeds != null) {
      requireNone(
          SeedSeries.problems(
              seeds,
              out,
              options.value(ConfigKey.SEED).isPresent(),
              resume,
              data.isStandardInput()));
    }
    Optional<RunFolder> named = namedFolder();
    ConfigLayer file = configFile == null ? ConfigLayer.empty() : ConfigYaml.read(configFile);
    GivenSettings given = new GivenSettings(options, file, this::hint, display);
    Preset base = preset == null ? given.preset() : Preset.named(preset);
    Settings settings =
        resume
            ? given.resumed(resumedSettings(named.orElseThrow()))
            : given.begun(base, data.isNamed());
    requireUsable(settings, named);
    Training.How how = how(settings, given);
    tellIfItStaysHere(settings);
    String from = given.base().map(KnownModel::origin).orElse(null);
    if (dryRun) {
      return forecast(settings, text(named, settings), how, from, display);
    }
    if (seeds != null) {
      TrainingData text = text(named, settings);
      try (Training training = new Training(how, display)) {
        new SeedSeries(Seeds.parse(seeds), out, settings, text, from, display).train(training);
      }
      return 0;
    }
    if (named.isPresent()) {
      named.get().requireUsable();
    }
    TrainingData text = data.isStandardInput() ? null : text(named, settings);
    RunFolder folder =
        named.isPresent()
            ? named.get()
            : RunFolder.fresh(base.id(), LocalDateTime.now(ZoneId.systemDefault()));
    if (data.isStandardInput()) {
      folder.claim(!noLock);
      text = data.saved(folder.inputCopy(), this, display);
    }
    display.tell(
        new RunMessage.Begins(
            text == null ? "what the run has in data/" : text.description(), folder.path(), from));
    try (Training training = new Training(how, display)) {
      display.result(new RunSummary(training.train(settings, folder, text, resume), folder));
    }
    return 0;
  }

  private static int forecast(
      Settings settings, TrainingData text, Training.How how, String from, Display display)
      throws IOException {
    try (TemporaryFolder folder = new TemporaryFolder("lanewise-dry-run");
        Training training = new Training(how, display)) {
      RunFolder run = new RunFolder(folder.resolve("run"));
      display.tell(new RunMessage.Begins(text.description(), run.path(), from));
      Optional<RunForecast> forecast = training.forecast(settings, run, text);
      if (forecast.isEmpty()) {
        throw new IllegalStateException("stopped");
      }
      display.result(new DryRun(forecast.get()));
    }
    return 0;
  }

  /** Before hours of work, not after them. */
  private void tellIfItStaysHere(Settings settings) {
    if (resume || !settings.model().isNew()) {
      return;
    }
    String family = settings.model().family();
    if (Families.STANDARD.named(family).gguf().isEmpty()) {
      hint(
          "a %s model cannot go to GGUF (llama.cpp, Ollama); one of --preset llama-tiny can"
              .formatted(family));
    }
  }

  /** Also refuses what does not fit into memory. */
  private Training.How how(Settings settings, GivenSettings given) throws IOException {
    int workers = workers();
    KernelSet set = kernels.create();
    long heap = Runtime.getRuntime().maxMemory();
    MemoryEstimate memory =
        new MemoryEstimate(settings, workers, heap, recompute, orders.cluster().size());
    if (settings.model().isNew()) {
      memory.requireFits(set, memory.vocabularyBeforeTheText());
    } else if (given.base().isPresent()) {
      // A run that goes on has its own model; the one that it began with may be gone.
      KnownModel begun = given.base().get();
      memory.requireFits(
          set, begun.description(), begun.trainedOn(settings.model()), begun.filePrecision());
    }
    return new Training.How(
        workers,
        set,
        memory,
        given.base().orElse(null),
        onNonFinite,
        onCheckpointFailure,
        profile,
        !noLock,
        orders);
  }

  private void requireUsable(Settings settings, Optional<RunFolder> run) {
    List<String> problems = new ArrayList<>(threadProblems(threads));
    // What a damaged file lacks has its default, which may fit nothing.
    String from = resume ? run.orElseThrow().config() + " and the options given: " : "";
    settings.problems().forEach(problem -> problems.add(from + problem));
    TokenizerKinds.STANDARD.problems(settings.text().tokenizer()).forEach(problems::add);
    Optimizers.STANDARD.problems(settings.optimizer().kind()).forEach(problems::add);
    problems.addAll(Schedules.problems(Schedules.STANDARD, settings));
    if (settings.problems().isEmpty()) {
      rankProblem(settings).ifPresent(problems::add);
    }
    if (seeds != null && settings.step().isOpen()) {
      problems.add(
          "--seeds with --minutes would give each run another number of steps; give --steps");
    }
    if (profile && !ProfileRecording.isAvailable()) {
      problems.add("--profile needs a JVM with the flight recorder, and this one has none");
    }
    if (dryRun && (resume || seeds != null || profile)) {
      problems.add("--dry-run is of one new run; leave out --resume, --seeds and --profile");
    }
    if (dryRun && data.isStandardInput()) {
      problems.add("--dry-run reads the text for nothing, and --data - can be read once; save it");
    }
    if (dryRun && settings.step().isOpen()) {
      problems.add("--dry-run says how long a run is, and so does --minutes; give --steps");
    }
    requireNone(problems);
    if (resume && data.isStandardInput()) {
      throw wrongCall("--resume goes on with the text that the run has; leave out --data -");
    }
  }

  private Optional<String> rankProblem(Settings settings) {
    try {
      RankShards.requireEnough(Trainer.shards(settings).count(), orders.cluster().size());
      return Optional.empty();
    } catch (ClusterException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** Empty for a new run without a name. */
  private Optional<RunFolder> namedFolder() throws IOException {
    if (out != null || !resume) {
      return Optional.ofNullable(out).map(RunFolder::new);
    }
    Optional<RunFolder> newest = RunFolder.newest();
    if (newest.isEmpty()) {
      throw wrongCall(
          "there is no run below runs/ that has taken a step, to resume it; name one with --out"
              + " DIR");
    }
    return newest;
  }

  /** Null if a resumed run has to go on from its corpus. */
  private TrainingData text(Optional<RunFolder> run, Settings settings) throws IOException {
    return resume ? data.findAgain(run.orElseThrow(), settings, this) : data.find(settings, this);
  }

  private ConfigLayer resumedSettings(RunFolder run) throws IOException {
    if (preset != null) {
      warn("--preset is ignored: the run has its own " + run.config());
    }
    return Resume.settings(run, this::warn)
        .orElseThrow(
            () ->
                wrongCall(
                    "there is no run to resume in " + run.path() + "; begin one without --resume"));
  }
}
