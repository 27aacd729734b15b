package dev.lanewise.example;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.kernels.vector.VectorKernels;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.run.LoadedModel;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.run.TrainingListener;
import dev.lanewise.trainer.run.TrainingRun;
import dev.lanewise.trainer.run.metrics.StepMetrics;
import dev.lanewise.trainer.settings.ConfigYaml;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.text.TextFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/** USAGE's example of a run as a folder: begin it, stop it, go on, and let the model write. */
public final class ContinueARun {

  private ContinueARun() {}

  /** Trains on a file until that many steps are done, saves, and returns. */
  public static TrainingRun.Outcome begin(
      Settings settings, Path folder, Path text, int threads, long stopAfter) throws IOException {
    // USAGE: begin run
    TrainingRun.Options options =
        TrainingRun.Options.of(settings, folder, TextFiles.of(List.of(text)), threads);
    TrainingRun[] run = new TrainingRun[1];
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(StepMetrics metrics) {
            if (metrics.step() + 1 == stopAfter) {
              run[0].stop(); // from any thread; completes the step and saves
            }
          }
        };
    run[0] = new TrainingRun(options, listener);
    return run[0].run();
    // USAGE: end run
  }

  /** Goes on with a run from its newest checkpoint, to its last step. */
  public static TrainingRun.Outcome resume(Path folder, int threads) throws IOException {
    // USAGE: begin resume
    Settings kept = ConfigYaml.read(new RunFolder(folder).config()).toSettings();
    TrainingRun.Options options = TrainingRun.Options.of(kept, folder, null, threads).resuming();
    return new TrainingRun(options, new TrainingListener() {}).run();
    // USAGE: end resume
  }

  /** Continues a prompt with the run's best checkpoint: ids in, ids out. */
  public static int[] write(Path folder, String prompt, int tokens, int threads)
      throws IOException {
    // USAGE: begin generate
    try (WorkerPool pool = new WorkerPool(threads)) {
      LoadedModel model = LoadedModel.forGeneration(folder, VectorKernels.create());
      int[] ids = model.tokenizer().encode(prompt);
      IntStream.Builder written = IntStream.builder();
      model
          .newGenerator(pool)
          .generateTokens(ids, tokens, SamplingOptions.greedy(), () -> false, written::add);
      return written.build().toArray(); // model.tokenizer().decode(...) makes text of it
    }
    // USAGE: end generate
  }
}
