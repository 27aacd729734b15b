package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.GeluFeedForward;
import dev.lanewise.model.layer.LayerNorm;
import dev.lanewise.model.layer.LearnedPositions;
import dev.lanewise.model.layer.SelfAttention;
import dev.lanewise.model.layer.TransformerBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * GPT-2 (Radford et al., 2019): learned positions, layer norms, GELU, multi-head attention. Its
 * matrices lie as ours do, so nothing is transposed.
 *
 * <p>GPT-2 always has biases. A model without is written with biases of zero, and a field of ours
 * in {@code config.json}, {@code lanewise_biases}, says so.
 */
public final class Gpt2 implements Family {

  private static final double EPSILON = 1e-5;
  private static final String BIASES = "lanewise_biases";

  /** Our names and GPT-2's, of what a layer's or the model's name goes on with. */
  private static final Map<String, String> NAMES =
      Map.of(
          "embedding", "wte",
          "positions", "wpe",
          "attention_norm", "ln_1",
          "attention.qkv", "attn.c_attn",
          "attention.output", "attn.c_proj",
          "feed_forward_norm", "ln_2",
          "feed_forward.up", "mlp.c_fc",
          "feed_forward.down", "mlp.c_proj",
          "final_norm", "ln_f",
          "head", "lm_head");

  /** The family, which has no state. */
  public Gpt2() {}

  @Override
  public String architecture() {
    return "GPT2LMHeadModel";
  }

  /** The first files of the family had no more. */
  @Override
  public boolean isToldBy(ConfigFields fields) {
    return fields.has("n_embd");
  }

  @Override
  public String modelType() {
    return "gpt2";
  }

  @Override
  public TransformerConfig choose(ModelSizes sizes) {
    return config(sizes, EPSILON);
  }

  private TransformerConfig config(ModelSizes sizes, double epsilon) {
    boolean biases = sizes.biases();
    if (sizes.keyValueHeads() != sizes.heads() || sizes.ropeTheta() != 0) {
      throw new IllegalArgumentException(
          "a gpt2 has as many key/value heads as heads, and no rotary positions; leave --kv-heads"
              + " and --rope-theta at 0");
    }
    Heads heads = new Heads(sizes.heads(), sizes.heads(), sizes.headSize());
    return new TransformerConfig(
        sizes.vocabularySize(),
        sizes.contextLength(),
        sizes.layers(),
        new TransformerBlock.Choice(
            sizes.width(),
            new LayerNorm.Choice(epsilon, biases),
            new SelfAttention.Choice(heads, biases, biases),
            new GeluFeedForward.Choice(sizes.feedForwardWidth(), biases),
            sizes.dropout()),
        new LearnedPositions.Choice(),
        sizes.tiedHead());
  }

  @Override
  public TransformerConfig read(ConfigFields fields) throws InvalidFileException {
    String activation = fields.string("activation_function", "gelu_new");
    // The second name is that of the same function in newer models.
    if (!activation.equals("gelu_new") && !activation.equals("gelu_pytorch_tanh")) {
      throw fields.problem(
          "activation_function",
          "%s is not supported, only gelu_new (the tanh form of GELU)"
              .formatted(InvalidFileException.quote(activation)));
    }
    double epsilon = fields.positive("layer_norm_epsilon", EPSILON);
    fields.require("scale_attn_weights", true);
    fields.require("scale_attn_by_inverse_layer_idx", false);
    fields.require("add_cross_attention", false);
    int width = fields.size("n_embd", 768, ModelSizes.MOST_WIDTH);
    int heads = fields.size("n_head", 12, ModelSizes.MOST_WIDTH);
    if (width % heads != 0) {
      throw fields.problem("n_head", heads + " heads do not divide n_embd " + width);
    }
    ModelSizes sizes =
        new ModelSizes(
            fields.size("vocab_size", 50257, Integer.MAX_VALUE),
            fields.size("n_positions", 1024, ModelSizes.MOST_POSITIONS),
            width,
            heads,
            heads,
            width / heads,
            fields.size("n_layer", 12, ModelSizes.MOST_LAYERS),
            fields.size("n_inner", 4 * width, ModelSizes.MOST_HIDDEN),
            fields.flag(BIASES, true),
            fields.flag("tie_word_embeddings", true),
            // One rate for all: that of the residual branches. It matters in training only.
            (float) fields.share("resid_pdrop", 0.1),
            0);
    sizes.requireCountable(fields, "n_embd", 2, (double) sizes.contextLength() * sizes.width());
    return config(sizes, epsilon);
  }

  @Override
  public Map<String, Object> write(TransformerConfig config, OptionalInt endOfText) {
    TransformerBlock.Choice block = config.block();
    GeluFeedForward.Choice feedForward = (GeluFeedForward.Choice) block.feedForward();
    Object end = endOfText.isPresent() ? endOfText.getAsInt() : null;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model_type", modelType());
    fields.put("architectures", List.of(architecture()));
    fields.put("vocab_size", config.vocabularySize());
    fields.put("n_positions", config.contextLength());
    fields.put("n_ctx", config.contextLength());
    fields.put("n_embd", block.width());
    fields.put("n_layer", config.layers());
    fields.put("n_head", block.attention().heads().queries());
    fields.put("n_inner", feedForward.hiddenWidth());
    fields.put("activation_function", "gelu_new");
    fields.put("resid_pdrop", block.dropout());
    fields.put("embd_pdrop", block.dropout());
    fields.put("attn_pdrop", 0.0);
    fields.put("layer_norm_epsilon", ((LayerNorm.Choice) block.norm()).epsilon());
    fields.put("initializer_range", 0.02);
    fields.put("scale_attn_weights", true);
    fields.put("tie_word_embeddings", config.tiedHead());
    fields.put("bos_token_id", end);
    fields.put("eos_token_id", end);
    fields.put("torch_dtype", "float32");
    fields.put(BIASES, feedForward.biases());
    return fields;
  }

  @Override
  public String prefix() {
    return "transformer.";
  }

  @Override
  public String layerPrefix() {
    return "transformer.h.";
  }

  @Override
  public String headName() {
    return "lm_head.weight";
  }

  @Override
  public List<StoredTensor> stored(TransformerConfig config, Parameter parameter) {
    String name = stateName(parameter);
    String stored = name.equals(headName()) ? name : prefix() + name;
    return List.of(new StoredTensor(stored, 0, parameter.rowSize(), false));
  }

  /** GPT-2's own name, without the prefix. */
  @Override
  public String stateName(Parameter parameter) {
    return ParameterName.of(parameter).withLayers("h.").with(NAMES);
  }

  @Override
  public Optional<ZeroBias> zeroBias(TransformerConfig config, Parameter weight) {
    boolean biases = ((GeluFeedForward.Choice) config.block().feedForward()).biases();
    if (biases || weight.role() == Role.EMBEDDING || weight.role() == Role.HEAD) {
      return Optional.empty();
    }
    String name = prefix() + stateName(weight).replaceFirst("weight$", "bias");
    return Optional.of(new ZeroBias(name, BIASES));
  }

  /** Causal masks, which old versions stored as if they were weights. */
  @Override
  public boolean isConstant(String name) {
    return name.endsWith(".attn.bias") || name.endsWith(".attn.masked_bias");
  }

  @Override
  public Optional<GgufForm> gguf() {
    return Optional.of(new Gpt2Gguf(this));
  }

  @Override
  public List<TransformerConfig> examples(float dropout) {
    return List.of(
        choose(example(true, true, 0)),
        choose(example(true, false, 0)),
        choose(example(false, true, 0)),
        choose(example(true, true, dropout)));
  }

  private static ModelSizes example(boolean biases, boolean tiedHead, float dropout) {
    return new ModelSizes(61, 12, 32, 4, 4, 8, 2, 72, biases, tiedHead, dropout, 0);
  }
}
