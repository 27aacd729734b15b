package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.layer.GeluFeedForward;
import dev.lanewise.model.layer.LayerNorm;
import dev.lanewise.model.layer.LearnedPositions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * GPT-2's GGUF form. GPT-2's files have a row of a matrix for each input, as ours, and llama.cpp
 * wants one for each output.
 */
final class Gpt2Gguf implements GgufForm {

  /** GPT-2's names and llama.cpp's, of what a layer's or the model's name goes on with. */
  private static final Map<String, String> NAMES =
      Map.of(
          "wte", "token_embd",
          "wpe", "position_embd",
          "ln_1", "attn_norm",
          "attn.c_attn", "attn_qkv",
          "attn.c_proj", "attn_output",
          "ln_2", "ffn_norm",
          "mlp.c_fc", "ffn_up",
          "mlp.c_proj", "ffn_down",
          "ln_f", "output_norm",
          "lm_head", "output");

  private final Gpt2 family;

  Gpt2Gguf(Gpt2 family) {
    this.family = family;
  }

  @Override
  public String architecture() {
    return "gpt2";
  }

  @Override
  public Map<String, GgufValue> sizes(TransformerConfig config) {
    int hidden = ((GeluFeedForward.Choice) config.block().feedForward()).hiddenWidth();
    double epsilon = ((LayerNorm.Choice) config.block().norm()).epsilon();
    Map<String, GgufValue> sizes = new LinkedHashMap<>();
    sizes.put("block_count", new GgufValue.Unsigned(config.layers()));
    sizes.put("context_length", new GgufValue.Unsigned(config.contextLength()));
    sizes.put("embedding_length", new GgufValue.Unsigned(config.width()));
    sizes.put("feed_forward_length", new GgufValue.Unsigned(hidden));
    sizes.put(
        "attention.head_count",
        new GgufValue.Unsigned(config.block().attention().heads().queries()));
    sizes.put("attention.layer_norm_epsilon", new GgufValue.Real((float) epsilon));
    return sizes;
  }

  @Override
  public List<GgufTensor> tensors(TransformerConfig config, Parameter parameter) {
    List<GgufTensor> tensors = new ArrayList<>();
    boolean positions = parameter.name().equals(LearnedPositions.TABLE);
    for (StoredTensor stored : family.stored(config, parameter)) {
      String name = name(stored.name());
      StoredLayout layout = new StoredLayout(parameter, asLlamaHasIt(stored, parameter));
      tensors.add(
          new GgufTensor(
              name,
              layout.shape(),
              positions,
              layout.isWhole() ? whole -> whole : layout::extract));
    }
    family
        .zeroBias(config, parameter)
        .ifPresent(
            bias -> {
              Shape shape = Shape.of(parameter.rowSize());
              tensors.add(
                  new GgufTensor(
                      name(bias.name()), shape, true, whole -> ModelFolder.zeros(shape)));
            });
    return tensors;
  }

  private static StoredTensor asLlamaHasIt(StoredTensor stored, Parameter parameter) {
    boolean table =
        switch (parameter.role()) {
          case EMBEDDING, HEAD -> true;
          default -> false;
        };
    boolean matrix = parameter.shape().rank() == 2 && !table;
    return new StoredTensor(
        stored.name(), stored.fromColumn(), stored.columns(), matrix != stored.transposed());
  }

  private String name(String stored) {
    String bare =
        stored.startsWith(family.prefix()) ? stored.substring(family.prefix().length()) : stored;
    int kind = bare.lastIndexOf('.');
    int inLayer = bare.startsWith("h.") ? bare.indexOf('.', 2) + 1 : 0;
    String layer = bare.substring(0, inLayer).replace("h.", "blk.");
    return layer + NAMES.get(bare.substring(inLayer, kind)) + bare.substring(kind);
  }
}
