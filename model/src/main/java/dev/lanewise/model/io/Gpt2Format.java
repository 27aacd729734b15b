package dev.lanewise.model.io;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.Gpt;
import dev.lanewise.model.GptConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A GPT as Hugging Face's library keeps a GPT-2: a folder with {@code config.json} and {@code
 * model.safetensors}, which its {@code GPT2LMHeadModel} opens as it stands. Our names and shapes
 * are GPT-2's own, so nothing is transposed.
 *
 * <p>GPT-2 always has biases. A model without is written with biases of zero, and a field of ours
 * in {@code config.json}, {@code lanewise_biases}, says so; reading checks the zeros and drops
 * them.
 */
public final class Gpt2Format {

  /** The file of the weights. */
  public static final String WEIGHTS = "model.safetensors";

  /** The file of the configuration. */
  public static final String CONFIGURATION = "config.json";

  private static final String PREFIX = "transformer.";
  private static final String HEAD = "lm_head.weight";
  private static final String TOKENS = "wte.weight";

  private Gpt2Format() {}

  /**
   * Writes both files into a folder, in place of such as may be there, and returns when they are on
   * the disk.
   *
   * @param endOfText the id of the token that begins and ends texts, if there is one
   */
  public static void write(
      Path folder, GptConfig config, ParameterStore weights, OptionalInt endOfText)
      throws IOException {
    weights(config, weights).write(folder.resolve(WEIGHTS));
    try (FileChannel channel =
        FileChannel.open(
            folder.resolve(CONFIGURATION),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      ByteBuffer text = ByteBuffer.wrap(configuration(config, endOfText));
      while (text.hasRemaining()) {
        channel.write(text);
      }
      channel.force(true);
    }
  }

  /** Returns the text of {@link #CONFIGURATION}, in UTF-8, for those who write it themselves. */
  public static byte[] configuration(GptConfig config, OptionalInt endOfText) {
    return Gpt2Config.write(config, endOfText);
  }

  /** Returns what writes {@link #WEIGHTS}. The weights are shared, not copied. */
  public static SafetensorsWriter weights(GptConfig config, ParameterStore weights) {
    // Hugging Face refuses a file that does not name its framework.
    SafetensorsWriter writer = new SafetensorsWriter().metadata("format", "pt");
    for (Parameter parameter : weights.layout().parameters()) {
      writer.add(fileName(PREFIX, parameter.name()), weights.tensor(parameter));
      if (!config.biases() && hasBias(parameter)) {
        Shape shape = biasShape(parameter);
        FloatTensor zeros = new FloatTensor(new float[shape.size()], 0, shape);
        writer.add(fileName(PREFIX, biasName(parameter)), zeros);
      }
    }
    return writer;
  }

  private static String fileName(String prefix, String name) {
    return name.equals(HEAD) ? name : prefix + name;
  }

  /** Whether GPT-2 has a bias beside this weight: all but the tables. */
  private static boolean hasBias(Parameter weight) {
    return weight.name().startsWith("h.") || weight.name().startsWith("ln_f.");
  }

  private static String biasName(Parameter weight) {
    return weight.name().replaceFirst("weight$", "bias");
  }

  private static Shape biasShape(Parameter weight) {
    return Shape.of(weight.shape().dimension(weight.shape().rank() - 1));
  }

  /**
   * Reads the shape of the model in a folder.
   *
   * @throws InvalidFileException if {@code config.json} is missing, malformed, or describes a model
   *     that is not ours; it names the field
   */
  public static GptConfig readConfig(Path folder) throws IOException {
    return Gpt2Config.read(folder.resolve(CONFIGURATION));
  }

  /**
   * Reads the weights in a folder. The whole file is checked against the model before memory is
   * taken for it.
   *
   * @param gpt the model of the configuration in that folder, see {@link #readConfig}
   * @throws InvalidFileException if {@code model.safetensors} is missing or malformed, tensors are
   *     missing, of another shape than the configuration's or not known to GPT-2, or an element is
   *     not finite; it names the tensor
   */
  public static ParameterStore readWeights(Path folder, Gpt gpt) throws IOException {
    Path path = folder.resolve(WEIGHTS);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return new WeightsReader(path, file, gpt.config(), gpt.layout()).read();
    }
  }

  /** One file being read. */
  private static final class WeightsReader {

    private final Path path;
    private final SafetensorsFile file;
    private final GptConfig config;
    private final ParameterLayout layout;
    private final String prefix;

    WeightsReader(Path path, SafetensorsFile file, GptConfig config, ParameterLayout layout) {
      this.path = path;
      this.file = file;
      this.config = config;
      this.layout = layout;
      // OpenAI's own file has the names of the bare model.
      this.prefix = file.names().contains(TOKENS) ? "" : PREFIX;
    }

    ParameterStore read() throws IOException {
      checkNames();
      ParameterStore weights = new ParameterStore(layout);
      for (Parameter parameter : layout.parameters()) {
        file.read(fileName(prefix, parameter.name()), weights.tensor(parameter));
        if (!config.biases() && hasBias(parameter)) {
          checkZeros(fileName(prefix, biasName(parameter)), biasShape(parameter));
        }
      }
      if (config.tiedHead() && file.names().contains(HEAD)) {
        checkTied(weights.tensor(TOKENS));
      }
      return weights;
    }

    private void checkNames() throws InvalidFileException {
      Set<String> unknown = new HashSet<>(file.names());
      for (Parameter parameter : layout.parameters()) {
        String name = fileName(prefix, parameter.name());
        file.require(name, parameter.shape());
        unknown.remove(name);
        if (!config.biases() && hasBias(parameter)) {
          unknown.remove(fileName(prefix, biasName(parameter)));
        }
      }
      if (config.tiedHead()) {
        unknown.remove(HEAD);
      }
      // Causal masks, which old versions stored as if they were weights.
      unknown.removeIf(name -> name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias"));
      for (String name : file.names()) {
        if (unknown.contains(name)) {
          throw new InvalidFileException(
              path, name, "is not a tensor of a GPT-2 of " + config.layers() + " layers");
        }
      }
    }

    private void checkZeros(String name, Shape shape) throws IOException {
      if (!file.names().contains(name)) {
        return;
      }
      FloatTensor bias = new FloatTensor(new float[shape.size()], 0, shape);
      file.read(name, bias);
      for (float value : bias.data()) {
        if (value != 0) {
          throw new InvalidFileException(
              path,
              name,
              "is not zero, but %s says that the model has no biases (lanewise_biases)"
                  .formatted(CONFIGURATION));
        }
      }
    }

    private void checkTied(FloatTensor tokens) throws IOException {
      file.require(HEAD, tokens.shape());
      FloatTensor head = new FloatTensor(new float[tokens.size()], 0, tokens.shape());
      file.read(HEAD, head);
      if (!Arrays.equals(head.data(), tokens.toArray())) {
        throw new InvalidFileException(
            path,
            HEAD,
            "is not %s, but %s says that it is (tie_word_embeddings)"
                .formatted(TOKENS, CONFIGURATION));
      }
    }
  }
}
