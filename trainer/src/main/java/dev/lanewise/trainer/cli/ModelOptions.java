package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.run.KnownModel;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Which model a command works with. */
final class ModelOptions {

  @Option(
      names = "--model",
      preprocessor = Verbatim.class,
      required = true,
      paramLabel = "DIR",
      description =
          "a run, of which the best checkpoint is taken, a checkpoint, or a model or an adapter in"
              + " Hugging Face's form")
  private Path model;

  @Option(
      names = "--base",
      preprocessor = Verbatim.class,
      paramLabel = "DIR",
      description =
          "the model that the adapter of --model belongs to (default: the one that it names)")
  private Path base;

  Path folder() {
    return model;
  }

  /** Null for the one that the adapter names. */
  Path base() {
    return base;
  }

  /** Finds it, and its tokenizer; weights are not read. */
  KnownModel known(Progress progress) throws IOException {
    return KnownModel.in(model, base, progress);
  }

  /** As {@link #known}, sooner: see {@link KnownModel#checkedWhileRead}. */
  KnownModel checkedWhileRead(Progress progress) throws IOException {
    return KnownModel.checkedWhileRead(model, base, progress);
  }

  /**
   * Returns how many tokens the model is to see.
   *
   * @param context as it was given; null for all that it can
   */
  static int window(Subcommand command, KnownModel known, Integer context) {
    int sees = known.description().config().contextLength();
    if (context != null && (context < 1 || context > sees)) {
      throw command.wrongCall(
          "--context %d: the model in %s sees %d tokens; take from 1 to that many"
              .formatted(context, known.folder(), sees));
    }
    return context == null ? sees : context;
  }
}
