package dev.lanewise.trainer.export;

import dev.lanewise.model.family.ModelFolder;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.JsonEdit;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** A folder that Hugging Face's library opens as it stands. */
final class HuggingFaceExport implements Export {

  /** As much as the library itself puts into one file. */
  static final long MOST_BYTES_OF_A_FILE = 5_000_000_000L;

  private static final int MOST_BYTES = 1 << 26;
  private static final String TOKENIZER_CLASS = "PreTrainedTokenizerFast";

  /** Files that go with a model, as they are. */
  private static final List<String> COPIED =
      List.of(
          ModelFolder.GENERATION,
          TokenizerJson.FILE,
          TokenizerJson.VOCABULARY_FILE,
          TokenizerJson.MERGES_FILE,
          "special_tokens_map.json",
          "added_tokens.json",
          "chat_template.jinja",
          "chat_template.json");

  private final long mostBytesOfAFile;

  HuggingFaceExport() {
    this(MOST_BYTES_OF_A_FILE);
  }

  /** For tests, of small files. */
  HuggingFaceExport(long mostBytesOfAFile) {
    this.mostBytesOfAFile = mostBytesOfAFile;
  }

  @Override
  public String id() {
    return "hf";
  }

  @Override
  public List<Encoding> encodings() {
    return List.of(Encoding.F32, Encoding.F16, Encoding.BF16);
  }

  @Override
  public boolean isFolder() {
    return true;
  }

  /** What will be in the folder, apart from weights. */
  private record Texts(Map<String, byte[]> files, boolean makesTokenizer) {}

  @Override
  public Prepared prepare(ExportedModel model, Encoding encoding, Consumer<String> notes)
      throws IOException {
    if (model.adapter() != null) {
      throw new IllegalArgumentException(
          "--to hf writes a whole model, and %s is an adapter; add it to its base with --merge, or write it alone with --to peft"
              .formatted(model.folder()));
    }
    MergeLoss.tell(model, encoding, notes);
    SafetensorsWriter weights = ModelFolder.weights(model.description(), model.weights(), encoding);
    Texts texts = texts(model.folder(), encoding, notes);
    if (!model.description().family().isInTransformers()) {
      notes.accept(
          "transformers has no %s models; this folder is for Lanewise, and for programs that read safetensors themselves"
              .formatted(model.description().family().modelType()));
    }
    return new Prepared() {
      @Override
      public long bytes() {
        return weights.tensorBytes();
      }

      @Override
      public void write(Path to, LongConsumer written) throws IOException {
        if (texts.makesTokenizer()) {
          TokenizerFolder.load(model.folder()).save(to);
        }
        for (Map.Entry<String, byte[]> file : texts.files().entrySet()) {
          DurableFiles.replace(to.resolve(file.getKey()), file.getValue());
        }
        ModelFolder.write(weights, to, mostBytesOfAFile, written);
        Path index = to.resolve(ModelFolder.INDEX);
        if (Files.exists(index)) {
          DurableFiles.force(index);
        }
        DurableFiles.forceFolder(to);
      }
    };
  }

  private static Texts texts(Path folder, Encoding encoding, Consumer<String> notes)
      throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(ModelFolder.CONFIGURATION, ModelFolder.configuration(folder, encoding));
    for (String name : COPIED) {
      Path file = folder.resolve(name);
      if (Files.exists(file)) {
        files.put(name, read(file));
      }
    }
    boolean parts =
        files.containsKey(TokenizerJson.VOCABULARY_FILE)
            && files.containsKey(TokenizerJson.MERGES_FILE);
    boolean whole = files.containsKey(TokenizerJson.FILE);
    Path roles = folder.resolve(TokenizerJson.CONFIGURATION_FILE);
    if (Files.exists(roles)) {
      // Classes of their own would make tokenizers that are not those of tokenizer.json.
      Map<String, String> itself = Map.of("tokenizer_class", TOKENIZER_CLASS);
      files.put(TokenizerJson.CONFIGURATION_FILE, JsonEdit.withStrings(read(roles), roles, itself));
    } else if (whole) {
      byte[] none = "{}".getBytes(StandardCharsets.US_ASCII);
      files.put(
          TokenizerJson.CONFIGURATION_FILE,
          JsonEdit.withStrings(none, roles, Map.of("tokenizer_class", TOKENIZER_CLASS)));
    }
    if (!whole && !parts) {
      notes.accept("there is no tokenizer in " + folder + ", so the export has none either");
    }
    return new Texts(files, parts && !whole);
  }

  private static byte[] read(Path file) throws IOException {
    return RegularFile.read(file, MOST_BYTES);
  }
}
