package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.GeluFeedForward;
import dev.lanewise.model.layer.LayerNorm;
import dev.lanewise.model.layer.RotaryPositions;
import dev.lanewise.model.layer.RotaryScaling;
import dev.lanewise.model.layer.SelfAttention;
import dev.lanewise.model.layer.TransformerBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/**
 * GPT-NeoX (Black et al., 2022) and Pythia: layer norms, rotary positions in a part of each head,
 * exact GELU, attention and feed-forward network side by side. Its files keep a row for each output
 * of a matrix, and of each head query, key and value together.
 */
final class GptNeox implements Family {

  private static final double EPSILON = 1e-5;
  private static final double THETA = 10_000;
  private static final double SHARE = 0.25;

  /** What both were called before {@code rope_parameters}. */
  private static final String FORMER_THETA = "rotary_emb_base";

  private static final double STANDARD_SHARE = 0.25;
  private static final String FORMER_SHARE = "rotary_pct";

  /** Names of one function, in its tanh form. */
  private static final Set<String> TANH_FORM = Set.of("gelu_new", "gelu_pytorch_tanh");

  /** Our names and theirs, of what a layer's or the model's name goes on with. */
  private static final Map<String, String> NAMES =
      Map.of(
          "embedding", "embed_in",
          "attention_norm", "input_layernorm",
          "attention.qkv", "attention.query_key_value",
          "attention.output", "attention.dense",
          "feed_forward_norm", "post_attention_layernorm",
          "feed_forward.up", "mlp.dense_h_to_4h",
          "feed_forward.down", "mlp.dense_4h_to_h",
          "final_norm", "final_layer_norm",
          "head", "embed_out");

  /** What a configuration chooses beside the sizes. */
  private record Choices(
      double epsilon, boolean exactGelu, boolean parallel, RotaryPositions.Choice rotary) {}

  /** Makes the family. */
  GptNeox() {}

  @Override
  public String architecture() {
    return "GPTNeoXForCausalLM";
  }

  @Override
  public String modelType() {
    return "gpt_neox";
  }

  @Override
  public TransformerConfig choose(ModelSizes sizes) {
    if (sizes.keyValueHeads() != sizes.heads()
        || sizes.headSize() * sizes.heads() != sizes.width()) {
      throw new IllegalArgumentException(
          "a gpt_neox has as many key/value heads as heads, and they divide the width; leave"
              + " --kv-heads and --head-size at 0");
    }
    if (!sizes.biases()) {
      throw new IllegalArgumentException("a gpt_neox has biases; set --biases to true");
    }
    int rotated = Math.max(2, (int) (sizes.headSize() * SHARE) / 2 * 2);
    if (rotated > sizes.headSize()) {
      throw new IllegalArgumentException(
          "rotary positions turn pairs, and a head of %d is odd; take another --head-size"
              .formatted(sizes.headSize()));
    }
    double theta = sizes.ropeTheta() == 0 ? THETA : sizes.ropeTheta();
    return config(
        sizes,
        new Choices(EPSILON, true, true, rotary(sizes, rotated, theta, new RotaryScaling.None())));
  }

  private static RotaryPositions.Choice rotary(
      ModelSizes sizes, int rotated, double theta, RotaryScaling scaling) {
    return new RotaryPositions.Choice(sizes.headSize(), rotated, theta, scaling);
  }

  /** Biases are the attention's; the other layers always have them. */
  private static TransformerConfig config(ModelSizes sizes, Choices choices) {
    Heads heads = new Heads(sizes.heads(), sizes.heads(), sizes.headSize());
    return new TransformerConfig(
        sizes.vocabularySize(),
        sizes.contextLength(),
        sizes.layers(),
        new TransformerBlock.Choice(
            sizes.width(),
            new LayerNorm.Choice(choices.epsilon, true),
            new SelfAttention.Choice(heads, sizes.biases(), sizes.biases()),
            new GeluFeedForward.Choice(sizes.feedForwardWidth(), true, choices.exactGelu),
            sizes.dropout(),
            choices.parallel),
        choices.rotary,
        sizes.tiedHead());
  }

  @Override
  public TransformerConfig read(ConfigFields fields) throws InvalidFileException {
    String activation = fields.string("hidden_act", "gelu");
    if (!activation.equals("gelu") && !TANH_FORM.contains(activation)) {
      throw fields.problem(
          "hidden_act",
          "%s is not supported, only gelu and its tanh form, gelu_new"
              .formatted(InvalidFileException.quote(activation)));
    }
    int width = fields.requiredSize("hidden_size", ModelSizes.MOST_WIDTH);
    int heads = fields.requiredSize("num_attention_heads", ModelSizes.MOST_WIDTH);
    if (width % heads != 0) {
      throw fields.problem(
          "num_attention_heads", heads + " heads do not divide hidden_size " + width);
    }
    ModelSizes sizes =
        new ModelSizes(
            fields.requiredSize("vocab_size", Integer.MAX_VALUE),
            fields.requiredSize("max_position_embeddings", ModelSizes.MOST_POSITIONS),
            width,
            heads,
            heads,
            width / heads,
            fields.requiredSize("num_hidden_layers", ModelSizes.MOST_LAYERS),
            fields.requiredSize("intermediate_size", ModelSizes.MOST_HIDDEN),
            fields.flag("attention_bias", true),
            fields.flag("tie_word_embeddings", false),
            (float) fields.share("hidden_dropout", 0),
            0);
    sizes.requireCountable(fields, "hidden_size", 2, 0);
    return config(
        sizes,
        new Choices(
            fields.positive("layer_norm_eps", EPSILON),
            activation.equals("gelu"),
            fields.flag("use_parallel_residual", true),
            rotary(fields, sizes)));
  }

  private static RotaryPositions.Choice rotary(ConfigFields fields, ModelSizes sizes)
      throws InvalidFileException {
    RotaryFields read = RotaryFields.read(fields, FORMER_THETA, FORMER_SHARE, STANDARD_SHARE);
    int rotated = (int) (sizes.headSize() * read.share());
    if (rotated < 2 || rotated % 2 != 0) {
      throw fields.problem(
          FORMER_SHARE,
          "%s turns %d elements of a head of %d, which are no pairs"
              .formatted(read.share(), rotated, sizes.headSize()));
    }
    return rotary(sizes, rotated, read.theta(), read.scaling());
  }

  @Override
  public Map<String, Object> write(TransformerConfig config, OptionalInt endOfText) {
    TransformerBlock.Choice block = config.block();
    GeluFeedForward.Choice feedForward = (GeluFeedForward.Choice) block.feedForward();
    RotaryPositions.Choice rotary = (RotaryPositions.Choice) config.positions();
    Object end = endOfText.isPresent() ? endOfText.getAsInt() : null;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model_type", modelType());
    fields.put("architectures", List.of(architecture()));
    fields.put("vocab_size", config.vocabularySize());
    fields.put("max_position_embeddings", config.contextLength());
    fields.put("hidden_size", block.width());
    fields.put("intermediate_size", feedForward.hiddenWidth());
    fields.put("num_hidden_layers", config.layers());
    fields.put("num_attention_heads", block.attention().heads().queries());
    fields.put("hidden_act", feedForward.exact() ? "gelu" : "gelu_new");
    fields.put("layer_norm_eps", ((LayerNorm.Choice) block.norm()).epsilon());
    RotaryFields.write(rotary, fields);
    fields.put(FORMER_THETA, rotary.theta());
    fields.put(FORMER_SHARE, RotaryFields.share(rotary));
    fields.put("use_parallel_residual", block.parallel());
    fields.put("attention_bias", block.attention().inBias());
    fields.put("attention_dropout", 0.0);
    fields.put("hidden_dropout", block.dropout());
    fields.put("initializer_range", 0.02);
    fields.put("tie_word_embeddings", config.tiedHead());
    fields.put("bos_token_id", end);
    fields.put("eos_token_id", end);
    fields.put("torch_dtype", "float32");
    return fields;
  }

  @Override
  public String prefix() {
    return "gpt_neox.";
  }

  @Override
  public String layerPrefix() {
    return "gpt_neox.layers.";
  }

  @Override
  public String headName() {
    return "embed_out.weight";
  }

  @Override
  public List<StoredTensor> stored(TransformerConfig config, Parameter parameter) {
    ParameterName name = ParameterName.of(parameter);
    String stored = (name.isHead() ? "" : prefix()) + name.with(NAMES);
    boolean transposed = parameter.shape().rank() == 2 && !name.isTable();
    if (name.part().equals("attention.qkv")) {
      int size = config.block().attention().heads().size();
      StoredTensor.Interleaved byHead = new StoredTensor.Interleaved(3, size);
      return List.of(new StoredTensor(stored, 0, parameter.rowSize(), transposed, byHead));
    }
    return List.of(new StoredTensor(stored, 0, parameter.rowSize(), transposed));
  }

  /** Causal masks and rotary frequencies, which old versions stored as if they were weights. */
  @Override
  public boolean isConstant(String name) {
    return name.endsWith(".attention.bias")
        || name.endsWith(".attention.masked_bias")
        || name.endsWith(".rotary_emb.inv_freq");
  }

  @Override
  public List<TransformerConfig> examples(float dropout) {
    RotaryScaling none = new RotaryScaling.None();
    return List.of(
        example(example(true, false, 0), true, true, 4, none),
        example(example(true, true, 0), true, false, 8, new RotaryScaling.Linear(2)),
        example(example(false, false, 0), false, true, 2, none),
        example(example(true, false, dropout), true, true, 2, none));
  }

  private static TransformerConfig example(
      ModelSizes sizes, boolean exactGelu, boolean parallel, int rotated, RotaryScaling scaling) {
    RotaryPositions.Choice rotary = rotary(sizes, rotated, THETA, scaling);
    return config(sizes, new Choices(EPSILON, exactGelu, parallel, rotary));
  }

  private static ModelSizes example(boolean biases, boolean tiedHead, float dropout) {
    return new ModelSizes(61, 12, 32, 4, 4, 8, 2, 72, biases, tiedHead, dropout, 0);
  }
}
