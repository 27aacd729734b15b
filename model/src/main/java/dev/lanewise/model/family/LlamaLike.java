package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.GatedFeedForward;
import dev.lanewise.model.layer.RmsNorm;
import dev.lanewise.model.layer.RotaryPositions;
import dev.lanewise.model.layer.RotaryScaling;
import dev.lanewise.model.layer.SelfAttention;
import dev.lanewise.model.layer.TransformerBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What Llama (Touvron et al., 2023) and its descendants have in common: RMSNorm, rotary positions,
 * SwiGLU, key/value heads shared by groups of query heads. Their files keep a row for each output
 * of a matrix, and queries, keys and values, gate and up apart.
 */
abstract class LlamaLike implements Family {

  private static final double EPSILON = 1e-5;
  private static final double THETA = 10_000;
  private static final String KEY_VALUE_HEADS = "num_key_value_heads";
  private static final String DROPOUT = "lanewise_dropout";

  /** Our names and theirs, of what a layer's or the model's name goes on with. */
  private static final Map<String, String> NAMES =
      Map.of(
          "embedding", "embed_tokens",
          "attention_norm", "input_layernorm",
          "attention.query_norm", "self_attn.q_norm",
          "attention.key_norm", "self_attn.k_norm",
          "attention.output", "self_attn.o_proj",
          "feed_forward_norm", "post_attention_layernorm",
          "feed_forward.down", "mlp.down_proj",
          "final_norm", "norm",
          "head", "lm_head");

  /** Returns whether the projection to queries, keys and values has a bias. */
  abstract boolean biasedAttention();

  /** Returns whether queries and keys are normalised head by head. */
  abstract boolean normedHeads();

  @Override
  public abstract String architecture();

  /** Returns the size of a head where files do not say it. */
  int standardHeadSize(int width, int queries) {
    return Math.max(1, width / queries);
  }

  /** Returns how many heads of keys and values there are where files do not say it. */
  int standardKeyValueHeads(int queries) {
    return queries;
  }

  /** Returns llama.cpp's name of the architecture. */
  abstract String ggufArchitecture();

  /**
   * Refuses what is special to the family and not supported.
   *
   * @throws InvalidFileException that names the field
   */
  abstract void requireSupported(ConfigFields fields, int positions) throws InvalidFileException;

  @Override
  public TransformerConfig choose(ModelSizes sizes) {
    if (sizes.biases()) {
      throw new IllegalArgumentException(
          "a %s has no biases of its own choice; set --biases to false".formatted(modelType()));
    }
    Heads heads = new Heads(sizes.heads(), sizes.keyValueHeads(), sizes.headSize());
    return config(
        sizes, heads, EPSILON, sizes.ropeTheta() == 0 ? THETA : sizes.ropeTheta(), none());
  }

  private static RotaryScaling none() {
    return new RotaryScaling.None();
  }

  private TransformerConfig config(
      ModelSizes sizes, Heads heads, double epsilon, double theta, RotaryScaling scaling) {
    if (heads.size() % 2 != 0) {
      throw new IllegalArgumentException(
          "rotary positions turn pairs, and a head of %d is odd; take another --head-size"
              .formatted(heads.size()));
    }
    SelfAttention.Choice attention =
        new SelfAttention.Choice(heads, biasedAttention(), false, normedHeads() ? epsilon : 0);
    return new TransformerConfig(
        sizes.vocabularySize(),
        sizes.contextLength(),
        sizes.layers(),
        new TransformerBlock.Choice(
            sizes.width(),
            new RmsNorm.Choice(epsilon),
            attention,
            new GatedFeedForward.Choice(sizes.feedForwardWidth()),
            sizes.dropout()),
        new RotaryPositions.Choice(heads.size(), heads.size(), theta, scaling),
        sizes.tiedHead());
  }

  @Override
  public TransformerConfig read(ConfigFields fields) throws InvalidFileException {
    String activation = fields.string("hidden_act", "silu");
    if (!activation.equals("silu") && !activation.equals("swish")) {
      throw fields.problem(
          "hidden_act",
          "%s is not supported, only silu".formatted(InvalidFileException.quote(activation)));
    }
    fields.require("mlp_bias", false);
    if (!biasedAttention()) {
      fields.require("attention_bias", false);
    }
    for (String experts : List.of("num_experts", "num_local_experts", "n_routed_experts")) {
      if (fields.number(experts, 1) > 1) {
        throw fields.problem(
            experts,
            "%.0f: mixtures of experts are not supported".formatted(fields.number(experts, 1)));
      }
    }
    int width = fields.requiredSize("hidden_size", ModelSizes.MOST_WIDTH);
    int queries = fields.requiredSize("num_attention_heads", ModelSizes.MOST_WIDTH);
    // Null stands for as many as queries in all families; so does a number that cannot be meant.
    boolean isThere = fields.names().contains(KEY_VALUE_HEADS);
    int standard = standardKeyValueHeads(queries);
    int keyValues =
        fields.size(
            KEY_VALUE_HEADS,
            isThere || queries % standard != 0 ? queries : standard,
            ModelSizes.MOST_WIDTH);
    if (queries % keyValues != 0) {
      throw fields.problem(
          KEY_VALUE_HEADS, keyValues + " do not divide num_attention_heads " + queries);
    }
    int ownHeadSize = standardHeadSize(width, queries);
    boolean isDivided = !fields.has("head_dim") && ownHeadSize == width / queries;
    if (isDivided && width % queries != 0) {
      throw fields.problem(
          "num_attention_heads", queries + " heads do not divide hidden_size " + width);
    }
    int headSize = fields.size("head_dim", ownHeadSize, ModelSizes.MOST_WIDTH);
    if (headSize % 2 != 0) {
      throw fields.problem("head_dim", headSize + " is odd, and rotary positions turn pairs");
    }
    int positions = fields.requiredSize("max_position_embeddings", ModelSizes.MOST_POSITIONS);
    requireSupported(fields, positions);
    ModelSizes sizes =
        new ModelSizes(
            fields.requiredSize("vocab_size", Integer.MAX_VALUE),
            positions,
            width,
            queries,
            keyValues,
            headSize,
            fields.requiredSize("num_hidden_layers", ModelSizes.MOST_LAYERS),
            fields.requiredSize("intermediate_size", ModelSizes.MOST_HIDDEN),
            false,
            fields.flag("tie_word_embeddings", false),
            (float) fields.share(DROPOUT, 0),
            0);
    sizes.requireCountable(fields, "hidden_size", 3, 0);
    double epsilon = fields.positive("rms_norm_eps", 1e-6);
    RotaryFields rotary = RotaryFields.read(fields);
    Heads heads = new Heads(queries, keyValues, headSize);
    return config(sizes, heads, epsilon, rotary.theta(), rotary.scaling());
  }

  @Override
  public Map<String, Object> write(TransformerConfig config, OptionalInt endOfText) {
    TransformerBlock.Choice block = config.block();
    Heads heads = block.attention().heads();
    RotaryPositions.Choice rotary = (RotaryPositions.Choice) config.positions();
    Object end = endOfText.isPresent() ? endOfText.getAsInt() : null;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model_type", modelType());
    fields.put("architectures", List.of(architecture()));
    fields.put("vocab_size", config.vocabularySize());
    fields.put("max_position_embeddings", config.contextLength());
    fields.put("hidden_size", block.width());
    fields.put("intermediate_size", ((GatedFeedForward.Choice) block.feedForward()).hiddenWidth());
    fields.put("num_hidden_layers", config.layers());
    fields.put("num_attention_heads", heads.queries());
    fields.put(KEY_VALUE_HEADS, heads.keyValues());
    fields.put("head_dim", heads.size());
    fields.put("hidden_act", "silu");
    fields.put("rms_norm_eps", ((RmsNorm.Choice) block.norm()).epsilon());
    RotaryFields.write(rotary, fields);
    fields.put("attention_bias", biasedAttention());
    fields.put("mlp_bias", false);
    fields.put("attention_dropout", 0.0);
    fields.put("initializer_range", 0.02);
    fields.put("tie_word_embeddings", config.tiedHead());
    fields.put("bos_token_id", end);
    fields.put("eos_token_id", end);
    fields.put("torch_dtype", "float32");
    if (block.dropout() > 0) {
      fields.put(DROPOUT, block.dropout());
    }
    return fields;
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public String layerPrefix() {
    return "model.layers.";
  }

  @Override
  public String headName() {
    return "lm_head.weight";
  }

  @Override
  public List<StoredTensor> stored(TransformerConfig config, Parameter parameter) {
    ParameterName name = ParameterName.of(parameter);
    String layer = prefix() + name.layer();
    boolean matrix = parameter.shape().rank() == 2;
    if (name.part().equals("attention.qkv")) {
      Heads heads = config.block().attention().heads();
      int queries = heads.queryWidth();
      int keys = heads.keyValueWidth();
      return columns(
          layer + "self_attn.",
          name.kind(),
          matrix,
          List.of("q_proj", "k_proj", "v_proj"),
          List.of(queries, keys, keys));
    }
    if (name.part().equals("feed_forward.gate_up")) {
      int hidden = parameter.rowSize() / 2;
      return columns(
          layer + "mlp.",
          name.kind(),
          matrix,
          List.of("gate_proj", "up_proj"),
          List.of(hidden, hidden));
    }
    String stored = (name.isHead() ? "" : prefix()) + name.with(NAMES);
    return List.of(new StoredTensor(stored, 0, parameter.rowSize(), matrix && !name.isTable()));
  }

  private static List<StoredTensor> columns(
      String before, String after, boolean transposed, List<String> names, List<Integer> widths) {
    List<StoredTensor> stored = new ArrayList<>();
    int from = 0;
    for (int i = 0; i < names.size(); i++) {
      stored.add(new StoredTensor(before + names.get(i) + after, from, widths.get(i), transposed));
      from += widths.get(i);
    }
    return stored;
  }

  /** Tables of rotary frequencies, which old versions stored as if they were weights. */
  @Override
  public boolean isConstant(String name) {
    return name.endsWith(".rotary_emb.inv_freq");
  }

  @Override
  public Optional<GgufForm> gguf() {
    return Optional.of(new LlamaGguf(ggufArchitecture(), this));
  }

  @Override
  public List<TransformerConfig> examples(float dropout) {
    return List.of(
        config(example(true, 0), new Heads(4, 4, 8), EPSILON, THETA, none()),
        config(example(false, 0), new Heads(4, 2, 6), 1e-6, 500, none()),
        config(example(true, dropout), new Heads(6, 1, 4), EPSILON, THETA, none()),
        config(
            example(true, 0),
            new Heads(4, 2, 8),
            EPSILON,
            100,
            new RotaryScaling.Llama3(4, 1, 4, 8)));
  }

  private static ModelSizes example(boolean tiedHead, float dropout) {
    return new ModelSizes(61, 12, 32, 4, 4, 8, 2, 72, false, tiedHead, dropout, 0);
  }
}
