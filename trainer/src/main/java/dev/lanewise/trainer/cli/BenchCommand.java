package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.profile.MachineEvent;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import dev.lanewise.trainer.settings.AdapterSettings;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.step.TrainerParts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SplittableRandom;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** {@code lanewise bench}. */
@Command(
    name = "bench",
    description = {
      "Measures the speed of training, on random tokens.",
      "",
      "A step is all of it: forward, loss, backward, reduction, clipping, AdamW,",
      "packing. After a warm-up, prints one line with medians:",
      "  preset=... threads=... shards=... ms_per_step=... tokens_per_s=...",
      "  gflops=... peak_fraction=...",
      "Counted are 2mnk for the products with weight matrices, forward and backward,",
      "and the causal half of attention. The peak is that of fused multiply-adds,",
      "measured on the same threads."
    },
    footer = {
      "",
      "Examples:",
      "  lanewise bench",
      "  lanewise bench --preset shakespeare-char --threads 1 --steps 200",
      "  lanewise bench --preset gpt2-124m --batch 1 --context 256 --shards 1 --steps 5",
      "  lanewise bench --preset smollm2-135m --lora-rank 16 --batch 1 --shards 1 --steps 5",
      "",
      "Starts of the JVM differ by several percent: repeat, and take the median."
    })
final class BenchCommand extends WatchedCommand {

  private static final int LEAST_WARM_STEPS = 3;
  private static final int MOST_STEPS = 1_000_000;
  private static final int MOST_WARM_SECONDS = 3600;

  private static final Set<ConfigKey> SETTINGS = settings();

  @Option(
      names = "--preset",
      preprocessor = Verbatim.class,
      paramLabel = "NAME",
      description = "the model and batch; see below (default: ${DEFAULT-VALUE})")
  private String preset = Preset.DEFAULT.id();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute (default: physical cores)")
  private Integer threads;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "steps to measure (default: ${DEFAULT-VALUE})")
  private int steps = 20;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      description = "time to take steps unmeasured (default: ${DEFAULT-VALUE})")
  private double warmUp = 6;

  @Option(names = "--kernels", paramLabel = "NAME", description = KernelChoice.DESCRIPTION)
  private KernelChoice kernels = KernelChoice.VECTOR;

  @Option(names = "--recompute", paramLabel = "auto|on|off", description = Recompute.DESCRIPTION)
  private Recompute recompute = Recompute.AUTO;

  private static Set<ConfigKey> settings() {
    Set<ConfigKey> settings = EnumSet.range(ConfigKey.FAMILY, ConfigKey.SHARDS);
    settings.add(ConfigKey.VOCABULARY);
    settings.remove(ConfigKey.ADAPTER);
    return settings;
  }

  @Override
  void addOptions(CommandSpec spec) {
    ConfigOptions.addTo(spec, SETTINGS);
    ConfigOptions.addPresetsTo(spec);
  }

  @Override
  int run(Display display) {
    ConfigLayer given = ConfigOptions.given(spec(), SETTINGS);
    ConfigLayer fitted = FittedPreset.of(Preset.named(preset).layer(), given, this::hint);
    Settings config = given.over(GivenSettings.withoutSampling(given, fitted)).toSettings();
    requireNone(problems(config));
    int workers = requireThreads(threads);
    KernelSet set = kernels.create();
    MemoryEstimate memory =
        new MemoryEstimate(config, workers, Runtime.getRuntime().maxMemory(), recompute);
    Transformer transformer = memory.requireFits(set, config.text().vocabulary());
    double peak = PeakFlops.measureGigaflops(workers);
    try (WorkerPool pool = new WorkerPool(workers)) {
      Trainer trainer =
          new Trainer(
              TrainerParts.of(
                      config,
                      transformer,
                      set,
                      pool,
                      transformer.initialize(config.step().seed(), pool))
                  .with(memory.choose(transformer, WeightStorage.STORED, 0).activations()));
      MachineEvent.Announcement machine = MachineEvent.announce(workers, peak, set.name());
      try {
        double milliseconds = measure(trainer, randomBatches(config));
        display.result(Measured.of(preset, workers, trainer, milliseconds, peak));
        if (config.model().dropout() > 0) {
          hint("with dropout " + config.model().dropout() + ", as the preset trains");
        }
        if (trainer.slowerWhenExact() > 1) {
          hint(
              "with a sampled softmax, as in the first part of a run; --sampled-softmax 0 measures"
                  + " the exact one");
        }
      } finally {
        machine.close();
      }
    }
    return 0;
  }

  private List<String> problems(Settings config) {
    List<String> problems = new ArrayList<>(threadProblems(threads));
    if (steps < 1 || steps > MOST_STEPS) {
      problems.add("--steps " + steps + " has to be from 1 to " + MOST_STEPS);
    }
    if (!(warmUp >= 0 && warmUp <= MOST_WARM_SECONDS)) {
      problems.add(
          "--warm-up " + warmUp + " has to be from 0 to " + MOST_WARM_SECONDS + " seconds");
    }
    // Unlike training, which asks the tokenizer, this takes the number as it is.
    if (config.text().vocabulary() < 1) {
      problems.add("--vocabulary " + config.text().vocabulary() + " has to be at least 1");
    }
    // What is added to a model needs none that is there: the weights are random anyway.
    problems.addAll(config.withoutAdapter().problems());
    if (config.adapter().isUsed() && config.model().sampledSoftmax() > 0) {
      problems.add(
          "--sampled-softmax "
              + config.model().sampledSoftmax()
              + " "
              + AdapterSettings.TRAINS_THE_HEAD);
    }
    return problems;
  }

  private static int[][] randomBatches(Settings config) {
    SplittableRandom random = new SplittableRandom(config.step().seed());
    int[][] batches =
        new int[config.step().accumulation()]
            [config.step().batch() * (config.model().context() + 1)];
    for (int[] batch : batches) {
      Arrays.setAll(batch, i -> random.nextInt(config.text().vocabulary()));
    }
    return batches;
  }

  /** The median time of a step. */
  private double measure(Trainer trainer, int[][] batches) {
    trainer.sampleAlways(true);
    long start = System.nanoTime();
    long step = 0;
    while (step < LEAST_WARM_STEPS || System.nanoTime() - start < warmUp * 1e9) {
      trainer.step(step++, batches);
    }
    double[] milliseconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      long before = System.nanoTime();
      trainer.step(step++, batches);
      milliseconds[i] = (System.nanoTime() - before) / 1e6;
    }
    Arrays.sort(milliseconds);
    return (milliseconds[(steps - 1) / 2] + milliseconds[steps / 2]) / 2;
  }

  /** What came out. */
  private record Measured(
      String preset,
      int threads,
      int shards,
      double milliseconds,
      double tokensPerSecond,
      double gigaflops,
      double peakFraction)
      implements Message {

    static Measured of(
        String preset, int workers, Trainer trainer, double milliseconds, double peak) {
      double gigaflops = trainer.flops() / milliseconds / 1e6;
      return new Measured(
          preset,
          workers,
          trainer.shards().count(),
          milliseconds,
          trainer.costs().targets() / milliseconds * 1e3,
          gigaflops,
          gigaflops / peak);
    }

    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return String.format(
          Locale.ROOT,
          "preset=%s threads=%d shards=%d ms_per_step=%.3f tokens_per_s=%.1f gflops=%.2f"
              + " peak_fraction=%.4f",
          preset,
          threads,
          shards,
          milliseconds,
          tokensPerSecond,
          gigaflops,
          peakFraction);
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "bench");
      json.writeStringField("preset", preset);
      json.writeNumberField("threads", threads);
      json.writeNumberField("shards", shards);
      Message.number(json, "ms_per_step", milliseconds);
      Message.number(json, "tokens_per_s", tokensPerSecond);
      Message.number(json, "gflops", gigaflops);
      Message.number(json, "peak_fraction", peakFraction);
    }
  }
}
