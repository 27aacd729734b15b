package dev.lanewise.model.family;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Precision;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonEdit;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.model.io.RowsOnBase;
import dev.lanewise.model.io.SafetensorsShards;
import dev.lanewise.model.io.SafetensorsWriter;
import dev.lanewise.model.io.TensorReader;
import dev.lanewise.model.io.TensorsOnBases;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import java.util.function.UnaryOperator;

/**
 * A model as Hugging Face's library keeps it: a folder with {@code config.json} and {@code
 * model.safetensors}, which the library opens as it stands.
 */
public final class ModelFolder {

  /** The file of the weights. */
  public static final String WEIGHTS = "model.safetensors";

  /** The file of the configuration. */
  public static final String CONFIGURATION = "config.json";

  /** The file that says which tensor is in which of several files of weights. */
  public static final String INDEX = "model.safetensors.index.json";

  /** The file that says how others generate with the model. */
  public static final String GENERATION = "generation_config.json";

  private static final String MODEL_TYPE = "model_type";
  private static final String ARCHITECTURES = "architectures";
  private static final String QUANTIZATION = "quantization_config";
  private static final String END_TOKENS = "eos_token_id";
  private static final int MOST_TEXT_BYTES = 1 << 26;
  private static final Map<Encoding, String> DTYPES =
      Map.of(Encoding.F32, "float32", Encoding.F16, "float16", Encoding.BF16, "bfloat16");

  private ModelFolder() {}

  /** Returns the text of {@link #CONFIGURATION}, in UTF-8. */
  public static byte[] configuration(ModelDescription model, OptionalInt endOfText) {
    return ConfigFields.render(model.family().write(model.config(), endOfText));
  }

  /**
   * Returns the text of {@link #CONFIGURATION} in a folder, for weights of another encoding.
   *
   * @throws IllegalArgumentException if safetensors files do not have the encoding
   */
  public static byte[] configuration(Path folder, Encoding encoding) throws IOException {
    String dtype = DTYPES.get(encoding);
    if (dtype == null) {
      throw new IllegalArgumentException("safetensors files have no " + encoding.id());
    }
    // Version 4 of Hugging Face's library reads the first name, version 5 both.
    Map<String, String> types = new TreeMap<>(Map.of("torch_dtype", dtype, "dtype", dtype));
    Path file = folder.resolve(CONFIGURATION);
    return JsonEdit.withStrings(text(file), file, types);
  }

  /**
   * Reads which ids end a text: as {@link #GENERATION} says, or else {@link #CONFIGURATION}.
   *
   * @return in ascending order; none if the files name none
   * @throws IOException that names the file and field that is wrong
   */
  public static SortedSet<Integer> endTokens(Path folder) throws IOException {
    Path generation = folder.resolve(GENERATION);
    if (Files.exists(generation)) {
      ConfigFields fields = ConfigFields.read(generation);
      if (fields.has(END_TOKENS)) {
        return endTokens(fields);
      }
    }
    return endTokens(ConfigFields.read(folder.resolve(CONFIGURATION)));
  }

  /** One id, or a list of them. */
  private static SortedSet<Integer> endTokens(ConfigFields fields) throws InvalidFileException {
    List<?> ids = List.of();
    if (fields.isList(END_TOKENS)) {
      ids = fields.list(END_TOKENS);
    } else if (fields.has(END_TOKENS)) {
      ids = List.of(fields.number(END_TOKENS, 0));
    }
    SortedSet<Integer> endTokens = new TreeSet<>();
    for (Object each : ids) {
      if (!(each instanceof Double id) || id != Math.rint(id) || id > Integer.MAX_VALUE) {
        throw fields.problem(END_TOKENS, "is neither an id nor a list of ids");
      }
      // Some files have -1 for none.
      if (id >= 0) {
        endTokens.add(id.intValue());
      }
    }
    return endTokens;
  }

  static byte[] text(Path file) throws IOException {
    return RegularFile.read(file, MOST_TEXT_BYTES);
  }

  /** Returns what writes {@link #WEIGHTS}. The weights are shared, not copied. */
  public static SafetensorsWriter weights(ModelDescription model, ParameterStore weights) {
    return weights(model, weights, Encoding.F32);
  }

  /**
   * As {@link #weights(ModelDescription, ParameterStore)}, encoded otherwise.
   *
   * @throws IllegalArgumentException if safetensors files do not have the encoding
   */
  public static SafetensorsWriter weights(
      ModelDescription model, ParameterStore weights, Encoding encoding) {
    return weights(model, weights, encoding, Map.of());
  }

  /**
   * As {@link #weights(ModelDescription, ParameterStore)}, of some parameters only the rows in
   * which they differ from a base, which {@link #base} writes.
   *
   * @throws IllegalArgumentException if the family does not store one of them as it lies
   */
  public static SafetensorsWriter weights(
      ModelDescription model, ParameterStore weights, Map<Parameter, RowsOnBase> onBases) {
    return weights(model, weights, Encoding.F32, onBases);
  }

  private static SafetensorsWriter weights(
      ModelDescription model,
      ParameterStore weights,
      Encoding encoding,
      Map<Parameter, RowsOnBase> onBases) {
    Family family = model.family();
    TransformerConfig config = model.config();
    SafetensorsWriter writer = newWriter(encoding);
    for (Parameter parameter : weights.layout().inOrderOfCreation()) {
      FloatTensor tensor = weights.tensor(parameter);
      if (onBases.containsKey(parameter)) {
        writer.add(onlyName(model, parameter), tensor, onBases.get(parameter));
        continue;
      }
      for (StoredTensor stored : family.stored(config, parameter)) {
        StoredLayout layout = new StoredLayout(parameter, stored);
        if (layout.isWhole()) {
          writer.add(stored.name(), tensor);
        } else {
          writer.add(stored.name(), layout.shape(), () -> layout.extract(tensor));
        }
      }
      family
          .zeroBias(config, parameter)
          .ifPresent(bias -> writer.add(bias.name(), zeros(Shape.of(parameter.rowSize()))));
    }
    return writer;
  }

  /** Hugging Face refuses a file that does not name its framework. */
  private static SafetensorsWriter newWriter(Encoding encoding) {
    return new SafetensorsWriter(encoding).metadata("format", "pt");
  }

  /**
   * Returns what writes the base of a parameter: all that it holds now. It lies beside {@link
   * #WEIGHTS}, under a name that {@link RowsOnBase} says, and that is none of a file of weights.
   *
   * @throws IllegalArgumentException if the family does not store the parameter as it lies
   */
  public static SafetensorsWriter base(
      ModelDescription model, ParameterStore weights, Parameter parameter) {
    return newWriter(Encoding.F32).add(onlyName(model, parameter), weights.tensor(parameter));
  }

  private static String onlyName(ModelDescription model, Parameter parameter) {
    List<StoredTensor> stored = model.family().stored(model.config(), parameter);
    if (stored.size() != 1 || !new StoredLayout(parameter, stored.getFirst()).isWhole()) {
      throw new IllegalArgumentException(
          "%s is not stored as it lies, and so not on a base".formatted(parameter.name()));
    }
    return stored.getFirst().name();
  }

  /**
   * Writes the weights as one file, or, if they have more bytes than allowed, as several and {@link
   * #INDEX}.
   *
   * @param written is told the bytes of each tensor that is written
   * @throws IOException if that fails, or an element is too large for its encoding
   */
  public static void write(
      SafetensorsWriter weights, Path folder, long mostBytes, LongConsumer written)
      throws IOException {
    if (weights.tensorBytes() <= mostBytes) {
      weights.write(folder.resolve(WEIGHTS), written);
      return;
    }
    List<SafetensorsWriter> shards = weights.split(mostBytes);
    Map<String, Object> files = new TreeMap<>();
    for (int i = 0; i < shards.size(); i++) {
      String name =
          String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", i + 1, shards.size());
      shards.get(i).write(folder.resolve(name), written);
      shards.get(i).names().forEach(tensor -> files.put(tensor, name));
    }
    Map<String, Object> index = new LinkedHashMap<>();
    index.put("metadata", Map.of("total_size", weights.tensorBytes()));
    index.put("weight_map", files);
    Files.write(folder.resolve(INDEX), ConfigFields.render(index));
  }

  static FloatTensor zeros(Shape shape) {
    return new FloatTensor(new float[shape.size()], 0, shape);
  }

  /**
   * Reads what the model in a folder is made of.
   *
   * @throws InvalidFileException if {@code config.json} is missing, malformed, or describes a model
   *     that is not ours; it names the field
   */
  public static ModelDescription readConfig(Path folder) throws IOException {
    return readConfig(folder, Families.STANDARD);
  }

  /** As {@link #readConfig(Path)}, of one of these families. */
  public static ModelDescription readConfig(Path folder, Registry<Family> families)
      throws IOException {
    ConfigFields fields = ConfigFields.read(folder.resolve(CONFIGURATION));
    String type = modelType(fields, families);
    Family family = families.find(type).orElse(null);
    if (family == null) {
      throw fields.problem(
          MODEL_TYPE,
          "%s is not supported, only %s"
              .formatted(InvalidFileException.quote(type), families.names()));
    }
    // Whatever the family: its tensors would be read as numbers that they are not.
    if (fields.has(QUANTIZATION)) {
      throw fields.problem(
          QUANTIZATION, "quantized weights are not supported; take the original model");
    }
    return new ModelDescription(family, family.read(fields));
  }

  /** Files from before the field have the class, and GPT-2's first ones nothing but its sizes. */
  private static String modelType(ConfigFields fields, Registry<Family> families)
      throws InvalidFileException {
    if (fields.has(MODEL_TYPE)) {
      return fields.string(MODEL_TYPE, "");
    }
    List<?> classes = fields.list(ARCHITECTURES);
    for (Family family : families.all()) {
      boolean isNamed = !family.architecture().isEmpty() && classes.contains(family.architecture());
      if (isNamed || (classes.isEmpty() && family.isToldBy(fields))) {
        return family.modelType();
      }
    }
    throw fields.problem(
        MODEL_TYPE,
        "missing, and %s tells no family that is known; add one of %s"
            .formatted(ARCHITECTURES, families.names()));
  }

  /** As {@link #readWeights(Path, ModelDescription, Transformer, Consumer)}, without notes. */
  public static ParameterStore readWeights(
      Path folder, ModelDescription model, Transformer transformer) throws IOException {
    return readWeights(folder, model, transformer, note -> {});
  }

  /**
   * Reads the weights in a folder: one file, or several and their index. All names and shapes are
   * checked against the model before memory is taken.
   *
   * @param model as {@link #readConfig} has it
   * @param transformer made of its choices
   * @param notes is told of tensors that were passed over or rounded
   * @throws InvalidFileException if a file is missing or malformed, tensors are missing, of another
   *     shape than the configuration's, or of layers that it does not have, or an element is not
   *     finite; it names the tensor
   */
  public static ParameterStore readWeights(
      Path folder, ModelDescription model, Transformer transformer, Consumer<String> notes)
      throws IOException {
    return readWeights(folder, model, transformer, notes, bytes -> {});
  }

  /**
   * As {@link #readWeights(Path, ModelDescription, Transformer, Consumer)}.
   *
   * @param read is told the bytes of each parameter in memory, on the thread that calls
   */
  public static ParameterStore readWeights(
      Path folder,
      ModelDescription model,
      Transformer transformer,
      Consumer<String> notes,
      LongConsumer read)
      throws IOException {
    try (TensorReader file = open(folder, notes)) {
      return WeightsReader.read(file, model, transformer.layout(), notes, read);
    }
  }

  /**
   * Reads the weights in a folder, matrices straight into panels that hold them alone: for
   * inference all, for training those that are frozen.
   *
   * @param training whether backward will be run too; then the panels are not complete until those
   *     of the other weights have been packed
   * @param storage gives the precision in which a matrix is held, of the least one that has all of
   *     the file's numbers; the same one holds them as they are
   * @param read is told the bytes of each parameter as floats, on the thread that calls
   * @throws InvalidFileException as {@link #readWeights(Path, ModelDescription, Transformer,
   *     Consumer)}
   */
  public static HeldWeights readHeldWeights(
      Path folder,
      ModelDescription model,
      Transformer transformer,
      boolean training,
      UnaryOperator<Precision> storage,
      Consumer<String> notes,
      LongConsumer read)
      throws IOException {
    try (TensorReader file = open(folder, notes)) {
      return WeightsReader.readHeld(file, model, transformer, training, storage, notes, read);
    }
  }

  /**
   * Returns the least precision that has the numbers of all tensors in a folder.
   *
   * @throws IOException that names the file and what is wrong with it
   */
  public static Precision precision(Path folder) throws IOException {
    try (TensorReader file = open(folder, note -> {})) {
      List<Precision> all = file.names().stream().map(file::precision).distinct().toList();
      return all.size() == 1 ? all.getFirst() : Precision.F32;
    }
  }

  /** Returns whether a folder has weights that {@link #readWeights} reads. */
  public static boolean hasWeights(Path folder) {
    return Files.exists(folder.resolve(WEIGHTS)) || Files.exists(folder.resolve(INDEX));
  }

  /**
   * Returns the names of the files in a folder that {@link #readWeights} reads, in a fixed order;
   * that of {@link #WEIGHTS} if there are none.
   *
   * @throws InvalidFileException if what names them is malformed, or does not fit them
   */
  public static List<String> weightFiles(Path folder) throws IOException {
    Path index = folder.resolve(INDEX);
    if (Files.exists(folder.resolve(WEIGHTS))) {
      List<String> files = new ArrayList<>(List.of(WEIGHTS));
      files.addAll(TensorsOnBases.bases(folder.resolve(WEIGHTS)));
      return files;
    }
    if (!Files.exists(index)) {
      return List.of(WEIGHTS);
    }
    try (SafetensorsShards shards = SafetensorsShards.open(index)) {
      return shards.files().stream().sorted().toList();
    }
  }

  private static TensorReader open(Path folder, Consumer<String> notes) throws IOException {
    Path single = folder.resolve(WEIGHTS);
    Path index = folder.resolve(INDEX);
    if (Files.exists(single) || !Files.isDirectory(folder)) {
      return TensorsOnBases.open(single);
    }
    if (Files.exists(index)) {
      SafetensorsShards shards = SafetensorsShards.open(index);
      tellOfSurplus(folder, shards, notes);
      return shards;
    }
    if (!shardsIn(folder).isEmpty()) {
      throw new InvalidFileException(
          index,
          "",
          "the file is missing, which says what is in %s and the others like it"
              .formatted(shardsIn(folder).getFirst()));
    }
    String other = otherWeights(folder);
    throw new InvalidFileException(
        single,
        "",
        "the file is missing"
            + (other == null
                ? ""
                : "; there is %s, which is not read: %s".formatted(other, advice(other))));
  }

  /** Such files of an earlier download, or of another cut, are easily left behind. */
  private static void tellOfSurplus(Path folder, SafetensorsShards shards, Consumer<String> notes)
      throws IOException {
    for (String name : shardsIn(folder)) {
      if (!shards.files().contains(name)) {
        notes.accept("%s is not named by %s and is ignored".formatted(folder.resolve(name), INDEX));
      }
    }
  }

  private static List<String> shardsIn(Path folder) throws IOException {
    return namesIn(folder, "model-*-of-*.safetensors");
  }

  /** What another program wrote: names of its weights, not of all it pickles. */
  private static String otherWeights(Path folder) throws IOException {
    List<String> names = new ArrayList<>(namesIn(folder, "*.gguf"));
    names.addAll(namesIn(folder, "pytorch_model*.bin"));
    names.addAll(namesIn(folder, "*.{pt,pth}"));
    names.addAll(namesIn(folder, "*.safetensors"));
    return names.isEmpty() ? null : names.getFirst();
  }

  private static List<String> namesIn(Path folder, String glob) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, glob)) {
      for (Path file : files) {
        names.add(file.getFileName().toString());
      }
    }
    Collections.sort(names);
    return names;
  }

  private static String advice(String file) {
    if (file.endsWith(".safetensors")) {
      return "if it has the whole model, call it " + WEIGHTS;
    }
    return file.endsWith(".gguf")
        ? "take the model's folder as Hugging Face has it"
        : "save the model with save_pretrained of a current transformers, which writes safetensors";
  }
}
