package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.io.GgufWriter;
import java.util.function.Function;

/** A model as one GGUF file, but for its tokenizer, which the caller adds. */
public final class GgufFile {

  private static final long QUANTIZATION_VERSION = 2;

  private GgufFile() {}

  /**
   * Returns what writes the file. The weights are shared, not copied.
   *
   * @param encoding of the matrices; norms and biases are always float32, and where rows are no
   *     whole blocks of a quantized encoding, a matrix is float16
   * @throws IllegalArgumentException if the family has no form in GGUF files, or llama.cpp does not
   *     compute the model
   */
  public static GgufWriter writer(
      ModelDescription model, ParameterStore weights, Encoding encoding) {
    return writer(model, weights, parameter -> encoding, encoding);
  }

  /**
   * As the other one, where each matrix has its own encoding.
   *
   * @param encoding of most of them, as the file says
   */
  public static GgufWriter writer(
      ModelDescription model,
      ParameterStore weights,
      Function<Parameter, Encoding> encodings,
      Encoding encoding) {
    TransformerConfig config = model.config();
    GgufForm form = form(model.family());
    String architecture = form.architecture();
    GgufWriter writer =
        new GgufWriter()
            .put("general.architecture", new GgufValue.Text(architecture))
            .put("general.type", new GgufValue.Text("model"))
            .put("general.file_type", new GgufValue.Unsigned(encoding.ggmlFileType()))
            .put("general.quantization_version", new GgufValue.Unsigned(QUANTIZATION_VERSION));
    form.sizes(config).forEach((key, value) -> writer.put(architecture + "." + key, value));
    form.constants(config)
        .forEach((name, tensor) -> writer.add(name, tensor.shape(), Encoding.F32, () -> tensor));
    for (Parameter parameter : weights.layout().inOrderOfCreation()) {
      FloatTensor whole = weights.tensor(parameter);
      for (GgufTensor tensor : form.tensors(config, parameter)) {
        writer.add(
            tensor.name(),
            tensor.shape(),
            encoding(tensor, encodings.apply(parameter)),
            () -> tensor.fromParameter().apply(whole));
      }
    }
    return writer;
  }

  static GgufForm form(Family family) {
    return family
        .gguf()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a %s model cannot be written as GGUF: Lanewise does not know its form there"
                        .formatted(family.modelType())));
  }

  private static Encoding encoding(GgufTensor tensor, Encoding wanted) {
    Shape shape = tensor.shape();
    if (tensor.exact() || shape.rank() == 1) {
      return Encoding.F32;
    }
    return shape.dimension(shape.rank() - 1) % wanted.blockSize() == 0 ? wanted : Encoding.F16;
  }
}
