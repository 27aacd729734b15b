package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.GeluFeedForward;
import dev.lanewise.model.layer.LearnedPositions;
import dev.lanewise.model.layer.SelfAttention;
import dev.lanewise.model.layer.TransformerBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A family that only tests have: other names and another norm than any of ours, matrices stored
 * transposed, queries, keys and values apart, two query heads to a key/value head, and heads whose
 * size is not the width over their number.
 */
public final class TestFamily implements Family {

  private static final int HEAD_SIZE = 10;
  private static final double EPSILON = 1e-6;

  private static final Map<String, String> NAMES =
      Map.of(
          "attention_norm", "input_layernorm",
          "attention.output", "self_attn.o_proj",
          "feed_forward_norm", "post_attention_layernorm",
          "feed_forward.up", "mlp.up_proj",
          "feed_forward.down", "mlp.down_proj");

  @Override
  public String modelType() {
    return "okapi";
  }

  @Override
  public TransformerConfig choose(ModelSizes sizes) {
    Heads heads = new Heads(sizes.heads(), sizes.heads() / 2, HEAD_SIZE);
    return config(sizes, heads);
  }

  private static TransformerConfig config(ModelSizes sizes, Heads heads) {
    return new TransformerConfig(
        sizes.vocabularySize(),
        sizes.contextLength(),
        sizes.layers(),
        new TransformerBlock.Choice(
            sizes.width(),
            new TestRmsNorm.Choice(EPSILON),
            new SelfAttention.Choice(heads, false, false),
            new GeluFeedForward.Choice(sizes.feedForwardWidth(), false),
            sizes.dropout()),
        new LearnedPositions.Choice(),
        sizes.tiedHead());
  }

  @Override
  public TransformerConfig read(ConfigFields fields) throws InvalidFileException {
    ModelSizes sizes =
        new ModelSizes(
            fields.size("vocab_size", 1, 1 << 20),
            fields.size("max_position_embeddings", 1, 1 << 20),
            fields.size("hidden_size", 1, 1 << 20),
            fields.size("num_attention_heads", 1, 1 << 10),
            fields.size("num_hidden_layers", 1, 1 << 10),
            fields.size("intermediate_size", 1, 1 << 20),
            false,
            fields.flag("tie_word_embeddings", false),
            (float) fields.number("dropout", 0));
    int keyValues = fields.size("num_key_value_heads", 1, 1 << 10);
    return config(
        sizes, new Heads(sizes.heads(), keyValues, fields.size("head_dim", HEAD_SIZE, 1 << 10)));
  }

  @Override
  public Map<String, Object> write(TransformerConfig config, OptionalInt endOfText) {
    Heads heads = config.block().attention().heads();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model_type", modelType());
    fields.put("vocab_size", config.vocabularySize());
    fields.put("max_position_embeddings", config.contextLength());
    fields.put("hidden_size", config.width());
    fields.put("num_attention_heads", heads.queries());
    fields.put("num_key_value_heads", heads.keyValues());
    fields.put("head_dim", heads.size());
    fields.put("num_hidden_layers", config.layers());
    fields.put(
        "intermediate_size", ((GeluFeedForward.Choice) config.block().feedForward()).hiddenWidth());
    fields.put("tie_word_embeddings", config.tiedHead());
    fields.put("dropout", config.block().dropout());
    return fields;
  }

  @Override
  public String prefix() {
    return "model.";
  }

  @Override
  public String headName() {
    return "lm_head.weight";
  }

  @Override
  public List<StoredTensor> stored(TransformerConfig config, Parameter parameter) {
    String name = parameter.name();
    int columns = parameter.rowSize();
    if (!name.startsWith("layers.")) {
      String stored =
          switch (name) {
            case "embedding.weight" -> "model.embed_tokens.weight";
            case "positions.weight" -> "model.embed_positions.weight";
            case "final_norm.weight" -> "model.norm.weight";
            default -> headName();
          };
      return List.of(new StoredTensor(stored, 0, columns, false));
    }
    int inLayer = name.indexOf('.', "layers.".length()) + 1;
    String layer = "model." + name.substring(0, inLayer);
    String kind = name.substring(inLayer, name.length() - ".weight".length());
    if (kind.equals("attention.qkv")) {
      Heads heads = config.block().attention().heads();
      int queries = heads.queryWidth();
      int keys = heads.keyValueWidth();
      return List.of(
          new StoredTensor(layer + "self_attn.q_proj.weight", 0, queries, true),
          new StoredTensor(layer + "self_attn.k_proj.weight", queries, keys, true),
          new StoredTensor(layer + "self_attn.v_proj.weight", queries + keys, keys, true));
    }
    boolean matrix = parameter.shape().rank() == 2;
    return List.of(new StoredTensor(layer + NAMES.get(kind) + ".weight", 0, columns, matrix));
  }

  @Override
  public boolean isConstant(String name) {
    return name.endsWith("rotary_emb.inv_freq");
  }

  @Override
  public List<TransformerConfig> examples(float dropout) {
    return List.of(
        choose(new ModelSizes(61, 13, 36, 4, 2, 70, false, true, 0)),
        choose(new ModelSizes(61, 13, 36, 4, 2, 70, false, false, dropout)));
  }
}
