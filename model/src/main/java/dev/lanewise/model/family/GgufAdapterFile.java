package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.io.GgufWriter;
import dev.lanewise.model.memory.Adaptation;
import java.util.List;

/**
 * A low-rank adapter as a GGUF file, which llama.cpp adds to a model ({@code --lora}). Beside the
 * name of a tensor stands {@code .lora_a}, [rank, in], and {@code .lora_b}, [out, rank], whose rows
 * are in the order of the tensor's.
 */
public final class GgufAdapterFile {

  private GgufAdapterFile() {}

  /**
   * Returns what writes the file. The weights are shared, not copied.
   *
   * @param adapters have what is added, whatever else they have
   * @throws IllegalArgumentException if the family has no form in GGUF files
   */
  public static GgufWriter writer(
      ModelDescription model, AdapterConfig config, ParameterStore adapters, Encoding encoding) {
    GgufForm form = GgufFile.form(model.family());
    // The scale of llama.cpp is alpha / rank too.
    GgufWriter writer =
        new GgufWriter()
            .put("general.architecture", new GgufValue.Text(form.architecture()))
            .put("general.type", new GgufValue.Text("adapter"))
            .put("adapter.type", new GgufValue.Text("lora"))
            .put("adapter.lora.alpha", new GgufValue.Real((float) config.alpha()));
    Adaptation adaptation = config.adaptation(model);
    for (Adaptation.Part part : adaptation.parts(adapters.layout())) {
      add(writer, model, form, part, adapters, encoding);
    }
    return writer;
  }

  private static void add(
      GgufWriter writer,
      ModelDescription model,
      GgufForm form,
      Adaptation.Part part,
      ParameterStore adapters,
      Encoding encoding) {
    int rank = part.up().rowSize();
    int in = part.down().shape().dimension(0);
    // The form of a weight of so many inputs tells where the rows of B belong.
    Parameter asWeight =
        new Parameter(
            part.weight().name(),
            Shape.of(rank, part.weight().rowSize()),
            part.weight().parts(),
            part.weight().role(),
            part.weight().initializer(),
            false,
            part.weight().index());
    GgufTensor tensor = form.tensors(model.config(), asWeight).get(number(model, part));
    FloatTensor up = adapters.tensor(part.up());
    writer.add(
        tensor.name() + ".lora_a",
        Shape.of(rank, in),
        encoding,
        () -> down(adapters.tensor(part.down()), part, rank, in));
    writer.add(
        tensor.name() + ".lora_b",
        tensor.shape(),
        encoding,
        () -> tensor.fromParameter().apply(transposed(up, asWeight, part, rank)));
  }

  /** Which of the tensors of its weight a part is. */
  private static int number(ModelDescription model, Adaptation.Part part) {
    List<StoredTensor> stored = model.family().stored(model.config(), part.weight());
    for (int i = 0; i < stored.size(); i++) {
      if (stored.get(i).fromColumn() == part.columns().from()) {
        return i;
      }
    }
    throw new IllegalStateException(part.weight().name() + " has no such columns");
  }

  private static FloatTensor down(FloatTensor all, Adaptation.Part part, int rank, int in) {
    FloatTensor down = ModelFolder.zeros(Shape.of(rank, in));
    int columns = part.down().rowSize();
    for (int i = 0; i < down.size(); i++) {
      down.set(i, all.get(i % in * columns + part.part() * rank + i / in));
    }
    return down;
  }

  /** B in its columns of a weight, the others zero. */
  private static FloatTensor transposed(
      FloatTensor up, Parameter asWeight, Adaptation.Part part, int rank) {
    FloatTensor whole = ModelFolder.zeros(asWeight.shape());
    for (int j = 0; j < part.columns().count(); j++) {
      for (int r = 0; r < rank; r++) {
        whole.set(r * asWeight.rowSize() + part.columns().from() + j, up.get(j * rank + r));
      }
    }
    return whole;
  }
}
