package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.AdapterConfig;
import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.family.ModelDescription;
import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.trainer.files.FileDigest;
import dev.lanewise.trainer.files.Sha256;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.progress.Tally;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * A low-rank adapter and the model that it belongs to.
 *
 * @param folder its files are in; null if it begins here
 * @param config what it is
 * @param base the folder of the model, which has been found to be the right one
 * @param baseDigest SHA-256 of the weights of that, in hex: of their file, or, of several, of a
 *     line for each with its SHA-256 and name
 */
public record SavedAdapter(Path folder, AdapterConfig config, Path base, String baseDigest) {

  /** What to do where the model is not found, or is another. */
  public static final String NAME_BASE =
      "name the model that it was trained on with --base (of train: --from)";

  /** An adapter that begins here. */
  public static SavedAdapter of(AdapterConfig config, Path base, Progress progress)
      throws IOException {
    return new SavedAdapter(null, config, base, digest(base, progress));
  }

  /**
   * Opens an adapter.
   *
   * @param base the folder of the model
   * @param advice what to do if it is another model
   * @throws InvalidFileException if a file is damaged or not supported, or that model is not the
   *     one that it was trained on
   */
  public static SavedAdapter open(Path folder, Path base, String advice, Progress progress)
      throws IOException {
    ModelDescription model = ModelFolder.readConfig(base);
    Optional<String> expected = AdapterFolder.baseDigest(folder);
    String found = digest(base, progress);
    if (expected.isPresent() && !expected.get().equals(found)) {
      throw new InvalidFileException(
          folder.resolve(AdapterFolder.WEIGHTS),
          "",
          "the model in %s is not the one that this adapter was trained on: the SHA-256 of its weights is %s, not %s; %s"
              .formatted(base, found, expected.get(), advice));
    }
    // Only now: of another model it would say that its matrices have other names.
    AdapterConfig config = AdapterFolder.readConfig(folder, model);
    return new SavedAdapter(folder, config.on(base.toString()), base, found);
  }

  private static String digest(Path base, Progress progress) throws IOException {
    List<Path> files = ModelFolder.weightFiles(base).stream().map(base::resolve).toList();
    long bytes = 0;
    for (Path file : files) {
      if (!Files.isRegularFile(file)) {
        throw new InvalidFileException(file, "", "the file is missing");
      }
      bytes += Files.size(file);
    }
    Tally tally = progress.begin(Phase.CHECKING, bytes);
    StringBuilder lines = new StringBuilder();
    String last = "";
    for (Path file : files) {
      last = FileDigest.of(file, tally).sha256();
      lines.append(last).append("  ").append(file.getFileName()).append('\n');
    }
    tally.end();
    byte[] text = lines.toString().getBytes(StandardCharsets.UTF_8);
    return files.size() == 1 ? last : HexFormat.of().formatHex(Sha256.digest().digest(text));
  }

  /** Returns the adapter of another folder, which is on the same base. */
  public SavedAdapter in(Path other) {
    return new SavedAdapter(other, config, base, baseDigest);
  }

  /** Returns what it adds to the model. */
  public Adaptation adaptation(ModelDescription model) {
    return config.adaptation(model);
  }

  /**
   * Reads what is added, and nothing of the model.
   *
   * @param transformer of the model with the {@link #adaptation}
   */
  public ParameterStore readWeights(ModelDescription model, Transformer transformer)
      throws IOException {
    try {
      return AdapterFolder.readWeights(folder, model, adaptation(model), transformer.layout());
    } catch (InvalidFileException e) {
      // PEFT's files do not say by SHA-256 which model it was.
      if (AdapterFolder.baseDigest(folder).isPresent()) {
        throw e;
      }
      throw new InvalidFileException(
          Path.of(e.file()),
          e.field(),
          "%s; if %s is another model, %s".formatted(e.problem(), base, NAME_BASE),
          e);
    }
  }

  /** Reads what is added into weights that have room for it. */
  public void readInto(ModelDescription model, Transformer transformer, ParameterStore weights)
      throws IOException {
    readWeights(model, transformer).copyTo(weights);
  }
}
