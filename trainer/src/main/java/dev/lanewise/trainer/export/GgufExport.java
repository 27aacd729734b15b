package dev.lanewise.trainer.export;

import dev.lanewise.model.family.GgufFile;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** One GGUF file with weights and tokenizer, for llama.cpp and what is built on it. */
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
    GgufWriter writer = GgufFile.writer(model.description(), model.weights(), encoding);
    int rows = model.description().config().vocabularySize();
    GgufTokenizer.read(model.folder(), rows, notes).forEach(writer::put);
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
