package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.GeluFeedForward;
import dev.lanewise.model.layer.SelfAttention;
import dev.lanewise.model.layer.TransformerBlock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A family as someone would add it: nothing outside the tests knows it. Its matrices lie transposed
 * in files, queries, keys and values apart; several query heads share a key/value head, heads have
 * more floats than the width has for them, and there are no biases.
 */
final class AddedFamily implements Family {

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
    return "added";
  }

  @Override
  public TransformerConfig choose(ModelSizes sizes) {
    return config(
        sizes.vocabularySize(),
        sizes.contextLength(),
        sizes.width(),
        new Heads(sizes.heads(), sizes.heads() / 2, sizes.headSize() + 2),
        sizes.layers(),
        sizes.feedForwardWidth(),
        sizes.tiedHead(),
        sizes.dropout());
  }

  private static TransformerConfig config(
      int vocabularySize,
      int contextLength,
      int width,
      Heads heads,
      int layers,
      int feedForwardWidth,
      boolean tiedHead,
      float dropout) {
    return new TransformerConfig(
        vocabularySize,
        contextLength,
        layers,
        new TransformerBlock.Choice(
            width,
            new PlainRmsNorm.Choice(EPSILON),
            new SelfAttention.Choice(heads, false, false),
            new GeluFeedForward.Choice(feedForwardWidth, false),
            dropout),
        new PlainRotation.Choice(heads.size()),
        tiedHead);
  }

  @Override
  public TransformerConfig read(ConfigFields fields) throws InvalidFileException {
    int heads = fields.size("num_attention_heads", 32, 1 << 10);
    return config(
        fields.size("vocab_size", 32000, Integer.MAX_VALUE),
        fields.size("max_position_embeddings", 2048, 1 << 20),
        fields.size("hidden_size", 4096, 1 << 20),
        new Heads(
            heads,
            fields.size("num_key_value_heads", heads, heads),
            fields.size("head_dim", 128, 1 << 10)),
        fields.size("num_hidden_layers", 32, 1 << 10),
        fields.size("intermediate_size", 11008, 1 << 20),
        fields.flag("tie_word_embeddings", false),
        (float) fields.number("dropout", 0));
  }

  @Override
  public Map<String, Object> write(TransformerConfig config, OptionalInt endOfText) {
    TransformerBlock.Choice block = config.block();
    Heads heads = block.attention().heads();
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model_type", modelType());
    fields.put("vocab_size", config.vocabularySize());
    fields.put("max_position_embeddings", config.contextLength());
    fields.put("hidden_size", block.width());
    fields.put("num_attention_heads", heads.queries());
    fields.put("num_key_value_heads", heads.keyValues());
    fields.put("head_dim", heads.size());
    fields.put("num_hidden_layers", config.layers());
    fields.put("intermediate_size", ((GeluFeedForward.Choice) block.feedForward()).hiddenWidth());
    fields.put("tie_word_embeddings", config.tiedHead());
    fields.put("dropout", block.dropout());
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
    String name = parameter.name();
    return switch (name) {
      case "embedding.weight" -> whole("model.embed_tokens.weight", parameter, false);
      case "final_norm.weight" -> whole("model.norm.weight", parameter, false);
      case "head.weight" -> whole(headName(), parameter, false);
      default -> storedInLayer(config, parameter);
    };
  }

  private static List<StoredTensor> storedInLayer(TransformerConfig config, Parameter parameter) {
    String name = parameter.name();
    int inLayer = name.indexOf('.', "layers.".length()) + 1;
    String layer = "model." + name.substring(0, inLayer);
    String part = name.substring(inLayer, name.lastIndexOf('.'));
    if (part.equals("attention.qkv")) {
      Heads heads = config.block().attention().heads();
      int queries = heads.queryWidth();
      int keys = heads.keyValueWidth();
      return List.of(
          new StoredTensor(layer + "self_attn.q_proj.weight", 0, queries, true),
          new StoredTensor(layer + "self_attn.k_proj.weight", queries, keys, true),
          new StoredTensor(layer + "self_attn.v_proj.weight", queries + keys, keys, true));
    }
    boolean matrix = parameter.shape().rank() == 2;
    return whole(layer + NAMES.get(part) + ".weight", parameter, matrix);
  }

  private static List<StoredTensor> whole(String name, Parameter parameter, boolean transposed) {
    return List.of(new StoredTensor(name, 0, parameter.rowSize(), transposed));
  }

  @Override
  public boolean isConstant(String name) {
    return name.endsWith(".rotary_emb.inv_freq");
  }

  @Override
  public List<TransformerConfig> examples(float dropout) {
    return List.of(
        choose(new ModelSizes(61, 12, 32, 4, 0, 0, 2, 72, false, false, 0, 0)),
        choose(new ModelSizes(61, 12, 32, 4, 0, 0, 2, 72, false, true, dropout, 0)));
  }
}
