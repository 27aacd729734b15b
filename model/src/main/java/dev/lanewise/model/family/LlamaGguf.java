package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Shape;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.GgufValue;
import dev.lanewise.model.layer.GatedFeedForward;
import dev.lanewise.model.layer.RmsNorm;
import dev.lanewise.model.layer.RotaryPositions;
import dev.lanewise.model.layer.RotaryScaling;
import dev.lanewise.model.layer.SelfAttention;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The GGUF form of Llama and its descendants: rows as Hugging Face has them. llama.cpp's
 * architecture {@code llama} turns neighbouring elements where Hugging Face turns those half a head
 * apart, so there the rows of queries and keys are put in another order.
 */
final class LlamaGguf implements GgufForm {

  private static final String LLAMA = "llama";

  /** Hugging Face's names and llama.cpp's, of what a layer's or the model's name goes on with. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("model.embed_tokens", "token_embd"),
          Map.entry("model.norm", "output_norm"),
          Map.entry("lm_head", "output"),
          Map.entry("input_layernorm", "attn_norm"),
          Map.entry("self_attn.q_proj", "attn_q"),
          Map.entry("self_attn.k_proj", "attn_k"),
          Map.entry("self_attn.v_proj", "attn_v"),
          Map.entry("self_attn.o_proj", "attn_output"),
          Map.entry("self_attn.q_norm", "attn_q_norm"),
          Map.entry("self_attn.k_norm", "attn_k_norm"),
          Map.entry("post_attention_layernorm", "ffn_norm"),
          Map.entry("mlp.gate_proj", "ffn_gate"),
          Map.entry("mlp.up_proj", "ffn_up"),
          Map.entry("mlp.down_proj", "ffn_down"));

  private final String architecture;
  private final LlamaLike family;

  /**
   * The form of a family.
   *
   * @param architecture llama.cpp's name for it
   */
  LlamaGguf(String architecture, LlamaLike family) {
    this.architecture = architecture;
    this.family = family;
  }

  @Override
  public String architecture() {
    return architecture;
  }

  @Override
  public Map<String, GgufValue> sizes(TransformerConfig config) {
    SelfAttention.Choice attention = config.block().attention();
    Heads heads = attention.heads();
    RotaryPositions.Choice rotary = (RotaryPositions.Choice) config.positions();
    double epsilon = ((RmsNorm.Choice) config.block().norm()).epsilon();
    Map<String, GgufValue> sizes = new LinkedHashMap<>();
    sizes.put("block_count", new GgufValue.Unsigned(config.layers()));
    sizes.put("context_length", new GgufValue.Unsigned(config.contextLength()));
    sizes.put("embedding_length", new GgufValue.Unsigned(config.width()));
    sizes.put(
        "feed_forward_length",
        new GgufValue.Unsigned(
            ((GatedFeedForward.Choice) config.block().feedForward()).hiddenWidth()));
    sizes.put("attention.head_count", new GgufValue.Unsigned(heads.queries()));
    sizes.put("attention.head_count_kv", new GgufValue.Unsigned(heads.keyValues()));
    sizes.put("rope.freq_base", new GgufValue.Real((float) rotary.theta()));
    sizes.put("attention.layer_norm_rms_epsilon", new GgufValue.Real((float) epsilon));
    if (heads.queryWidth() != config.width() || !architecture.equals("qwen2")) {
      sizes.put("attention.key_length", new GgufValue.Unsigned(heads.size()));
      sizes.put("attention.value_length", new GgufValue.Unsigned(heads.size()));
    }
    if (architecture.equals(LLAMA)) {
      sizes.put("vocab_size", new GgufValue.Unsigned(config.vocabularySize()));
      sizes.put("rope.dimension_count", new GgufValue.Unsigned(heads.size()));
    }
    putScaling(rotary.scaling(), sizes);
    return sizes;
  }

  private void putScaling(RotaryScaling scaling, Map<String, GgufValue> sizes) {
    if (scaling instanceof RotaryScaling.Linear linear) {
      sizes.put("rope.scaling.type", new GgufValue.Text("linear"));
      sizes.put("rope.scaling.factor", new GgufValue.Real((float) linear.factor()));
    } else if (scaling instanceof RotaryScaling.Llama3 && !architecture.equals(LLAMA)) {
      throw new IllegalArgumentException(
          "llama.cpp has no rope_type llama3 for a %s, so its numbers would be wrong"
              .formatted(architecture));
    }
  }

  /** Divisors of the frequencies, one for each pair, where they are changed one by one. */
  @Override
  public Map<String, FloatTensor> constants(TransformerConfig config) {
    RotaryPositions.Choice rotary = (RotaryPositions.Choice) config.positions();
    if (!(rotary.scaling() instanceof RotaryScaling.Llama3)) {
      return Map.of();
    }
    int pairs = rotary.rotated() / 2;
    FloatTensor divisors = ModelFolder.zeros(Shape.of(pairs));
    for (int i = 0; i < pairs; i++) {
      double frequency = StrictMath.pow(rotary.theta(), -2.0 * i / rotary.rotated());
      divisors.set(i, (float) (frequency / rotary.scaling().scale(frequency)));
    }
    return Map.of("rope_freqs.weight", divisors);
  }

  @Override
  public List<GgufTensor> tensors(TransformerConfig config, Parameter parameter) {
    int headSize = config.block().attention().heads().size();
    List<GgufTensor> tensors = new ArrayList<>();
    for (StoredTensor stored : family.stored(config, parameter)) {
      StoredLayout layout = new StoredLayout(parameter, stored);
      String name = name(stored.name());
      boolean turned = name.contains(".attn_q.") || name.contains(".attn_k.");
      UnaryOperator<FloatTensor> extract = layout.isWhole() ? whole -> whole : layout::extract;
      tensors.add(
          new GgufTensor(
              name,
              layout.shape(),
              false,
              turned && architecture.equals(LLAMA)
                  ? whole -> pairNeighbours(layout.extract(whole), headSize)
                  : extract));
    }
    return tensors;
  }

  private String name(String stored) {
    String layers = family.layerPrefix();
    int kind = stored.lastIndexOf('.');
    int inLayer = stored.startsWith(layers) ? stored.indexOf('.', layers.length()) + 1 : 0;
    String layer = inLayer == 0 ? "" : "blk." + stored.substring(layers.length(), inLayer);
    return layer + NAMES.get(stored.substring(inLayer, kind)) + stored.substring(kind);
  }

  /** Interleaves the two halves of the rows of each head. */
  private static FloatTensor pairNeighbours(FloatTensor halves, int headSize) {
    FloatTensor paired = ModelFolder.zeros(halves.shape());
    int row = halves.size() / halves.shape().dimension(0);
    for (int i = 0; i < halves.shape().dimension(0); i++) {
      int inHead = i % headSize;
      int pair = inHead % (headSize / 2);
      int to = i - inHead + 2 * pair + (inHead < headSize / 2 ? 0 : 1);
      System.arraycopy(halves.data(), i * row, paired.data(), to * row, row);
    }
    return paired;
  }
}
