package dev.lanewise.trainer.cli;

import dev.lanewise.model.io.InvalidFileException;
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

  /**
   * What is done with a model that was found, from its tokenizer to its weights.
   *
   * @param <T> what comes out
   */
  interface Use<T> {

    /**
     * Does it.
     *
     * @throws InvalidFileException if a file is not what it should be
     */
    T of(KnownModel known) throws IOException;
  }

  /**
   * As {@link #known}, sooner: see {@link KnownModel#checkedWhileRead}. If the weights turn out to
   * be damaged, all is done once more with another checkpoint of the run. So nothing may be written
   * before they are read.
   */
  <T> T checkedWhileRead(Progress progress, Use<T> use) throws IOException {
    KnownModel known = KnownModel.checkedWhileRead(model, base, progress);
    try {
      return use.of(known);
    } catch (InvalidFileException e) {
      if (!known.isDamaged()) {
        throw e;
      }
      return use.of(known(progress));
    }
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
