package dev.lanewise.trainer.export;

import dev.lanewise.model.family.GgufAdapterFile;
import dev.lanewise.model.family.GgufFile;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * One GGUF file with weights and tokenizer, for llama.cpp and what is built on it; or of an adapter
 * what llama.cpp adds to such a file.
 */
final class GgufExport implements Export {

  @Override
  public String id() {
    return "gguf";
  }

  @Override
  public List<Encoding> encodings() {
    return List.of(Encoding.values());
  }

  @Override
  public boolean isFolder() {
    return false;
  }

  @Override
  public Prepared prepare(ExportedModel model, Encoding encoding, Consumer<String> notes)
      throws IOException {
    if (model.adapter() != null) {
      return prepared(adapter(model, encoding));
    }
    Set<String> erased = MergeLoss.erasing(model, encoding);
    if (!erased.isEmpty()) {
      notes.accept(
          "%s f32, because %s would erase what was trained"
              .formatted(Counted.of(erased.size(), "matrix is", "matrices are"), encoding.id()));
    }
    GgufWriter writer =
        GgufFile.writer(
            model.description(),
            model.weights(),
            parameter -> erased.contains(parameter.name()) ? Encoding.F32 : encoding,
            encoding);
    int rows = model.description().config().vocabularySize();
    GgufTokenizer.read(model.folder(), rows, notes).forEach(writer::put);
    return prepared(writer);
  }

  private static GgufWriter adapter(ExportedModel model, Encoding encoding) {
    if (encoding.blockSize() > 1) {
      throw new IllegalArgumentException(
          "an adapter has no rows of whole blocks: take --dtype f32, f16 or bf16, or --merge");
    }
    return GgufAdapterFile.writer(
        model.description(), model.adapter().config(), model.weights(), encoding);
  }

  private static Prepared prepared(GgufWriter writer) {
    return new Prepared() {
      @Override
      public long bytes() {
        return writer.tensorBytes();
      }

      @Override
      public void write(Path to, LongConsumer written) throws IOException {
        writer.write(to, written);
      }
    };
  }
}
