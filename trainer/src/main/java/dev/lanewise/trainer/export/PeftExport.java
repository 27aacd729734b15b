package dev.lanewise.trainer.export;

import dev.lanewise.model.family.AdapterFolder;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/** The folder of an adapter, which Hugging Face's peft opens as it stands. */
final class PeftExport implements Export {

  @Override
  public String id() {
    return "peft";
  }

  @Override
  public List<Encoding> encodings() {
    return List.of(Encoding.F32);
  }

  @Override
  public boolean isFolder() {
    return true;
  }

  @Override
  public Prepared prepare(ExportedModel model, Encoding encoding, Consumer<String> notes) {
    if (model.adapter() == null) {
      throw new IllegalArgumentException(
          "--to peft writes an adapter, and the model in %s is whole; a run with --lora-rank has one, without --merge"
              .formatted(model.folder()));
    }
    if (!model.description().family().isInTransformers()) {
      throw new IllegalArgumentException(
          "transformers has no %s models, so peft has nothing to add to"
              .formatted(model.description().family().modelType()));
    }
    SafetensorsWriter weights =
        AdapterFolder.weights(
            model.description(),
            model.adapter().adaptation(model.description()),
            model.weights(),
            model.adapter().baseDigest());
    byte[] configuration =
        AdapterFolder.configuration(model.description(), model.adapter().config());
    notes.accept("peft looks for the base in " + model.adapter().base());
    return new Prepared() {
      @Override
      public long bytes() {
        return weights.tensorBytes();
      }

      @Override
      public void write(Path to, LongConsumer written) throws IOException {
        weights.write(to.resolve(AdapterFolder.WEIGHTS), written);
        DurableFiles.replace(to.resolve(AdapterFolder.CONFIGURATION), configuration);
        DurableFiles.forceFolder(to);
      }
    };
  }
}
