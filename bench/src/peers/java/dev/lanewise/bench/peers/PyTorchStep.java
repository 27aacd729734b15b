package dev.lanewise.bench.peers;

import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.ConfigLayer;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.run.metrics.PeakFlops;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What {@code lanewise bench} measures, on PyTorch: same options, same line. */
@Command(
    name = "pytorch-step",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measures the speed of training the same model on PyTorch, on random tokens.",
      "",
      "Prints the line that 'lanewise bench' prints. The peak in it is the one",
      "that Lanewise measures. PyTorch takes the batch as a whole: shards=1."
    })
public final class PyTorchStep implements Callable<Integer> {

  private static final int LEAST_WARM_STEPS = 3;
  private static final double WARM_SECONDS = 6;

  @Spec private CommandSpec spec;

  @Option(
      names = "--preset",
      paramLabel = "NAME",
      description = "the model and batch, as of 'lanewise bench' (default: ${DEFAULT-VALUE})")
  private String preset = "chapter";

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "threads that compute (default: all processors)")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--build",
      paramLabel = "NAME",
      description = "which build of PyTorch: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
  private TorchBuild build = TorchBuild.OPENBLAS;

  @Option(names = "--batch", paramLabel = "N", description = "sequences per step")
  private Integer batch;

  @Option(names = "--context", paramLabel = "N", description = "tokens per sequence")
  private Integer context;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "steps to measure (default: ${DEFAULT-VALUE})")
  private int steps = 20;

  @Option(
      names = "--check",
      description =
          "instead of measuring, train PyTorch and Lanewise from the same weights on the same"
              + " tokens, without dropout, and compare losses and gradient norms")
  private boolean check;

  @Option(names = "--describe", description = "print what PyTorch says about its build and threads")
  private boolean describe;

  /** Runs the command and ends the JVM. */
  public static void main(String[] args) {
    System.exit(
        new CommandLine(new PyTorchStep()).setCaseInsensitiveEnumValuesAllowed(true).execute(args));
  }

  @Override
  public Integer call() {
    TorchRuntime.start(build, threads);
    PrintWriter out = spec.commandLine().getOut();
    if (describe) {
      out.println(TorchRuntime.description());
    }
    Settings config = config();
    if (check) {
      return SameModel.compare(config, threads, out) ? 0 : 1;
    }
    measure(config, out);
    return 0;
  }

  private Settings config() {
    ConfigLayer given = ConfigLayer.empty();
    if (batch != null) {
      given = given.with(ConfigKey.BATCH, batch);
    }
    if (context != null) {
      given = given.with(ConfigKey.CONTEXT, context);
    }
    return given.over(Preset.named(preset).layer()).toSettings();
  }

  private void measure(Settings config, PrintWriter out) {
    Transformer plan =
        new Transformer(
            config.model().description(config.text().vocabulary()).config(),
            VectorKernels.create(),
            1);
    double flops = (double) plan.flopsPerSequence(config.model().context()) * config.step().batch();
    double peak = PeakFlops.measureGigaflops(threads);
    TorchTrainer trainer = new TorchTrainer(config, plan, build.autocast());
    trainer.feed(randomWindows(config));
    double milliseconds = median(trainer, config.schedule().maxLearningRate());
    double gigaflops = flops / milliseconds / 1e6;
    out.printf(
        Locale.ROOT,
        "preset=%s threads=%d shards=1 ms_per_step=%.3f tokens_per_s=%.1f gflops=%.2f"
            + " peak_fraction=%.4f%n",
        preset,
        threads,
        milliseconds,
        config.step().batch() * config.model().context() / milliseconds * 1e3,
        gigaflops,
        gigaflops / peak);
    out.flush();
  }

  private double median(TorchTrainer trainer, double learningRate) {
    long start = System.nanoTime();
    int warm = 0;
    while (warm < LEAST_WARM_STEPS || System.nanoTime() - start < WARM_SECONDS * 1e9) {
      trainer.step(learningRate);
      warm++;
    }
    double[] milliseconds = new double[steps];
    for (int i = 0; i < steps; i++) {
      long before = System.nanoTime();
      trainer.step(learningRate);
      milliseconds[i] = (System.nanoTime() - before) / 1e6;
    }
    Arrays.sort(milliseconds);
    return (milliseconds[(steps - 1) / 2] + milliseconds[steps / 2]) / 2;
  }

  /** Windows of random tokens, the ones that {@code lanewise bench} draws. */
  static int[] randomWindows(Settings config) {
    SplittableRandom random = new SplittableRandom(config.step().seed());
    int[] windows = new int[config.step().batch() * (config.model().context() + 1)];
    Arrays.setAll(windows, i -> random.nextInt(config.text().vocabulary()));
    return windows;
  }
}
