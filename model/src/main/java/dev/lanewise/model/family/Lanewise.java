package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.InitialWeights;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.layer.CrossEntropyLoss;
import dev.lanewise.model.layer.NgramTable;
import dev.lanewise.model.layer.ReluSquaredFeedForward;
import dev.lanewise.model.layer.RmsNorm;
import dev.lanewise.model.layer.RotaryPositions;
import dev.lanewise.model.layer.RotaryScaling;
import dev.lanewise.model.layer.SelfAttention;
import dev.lanewise.model.layer.TokenPaths;
import dev.lanewise.model.layer.TransformerBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * Our own family, for models that are to learn much on a CPU: memory instead of arithmetic. Tables
 * of n-grams are added to the embedding, each block sees it again, and the first and the last block
 * add a row for the token to its values; RMSNorm, rotary positions, normed queries and keys,
 * squared ReLU, an own head. Files name parameters as we do, matrices [in, out].
 */
final class Lanewise implements Family {

  private static final double EPSILON = 1e-6;
  private static final double THETA = 10_000;
  private static final String DROPOUT = "dropout";
  private static final String NGRAMS = "ngram_rows";
  private static final String NGRAM_DROPOUT = "ngram_dropout";
  private static final String HEAD_NAME = "head.weight";

  /** Makes the family. */
  Lanewise() {}

  @Override
  public String modelType() {
    return "lanewise";
  }

  @Override
  public TransformerConfig choose(ModelSizes sizes) {
    if (sizes.biases()) {
      throw new IllegalArgumentException("a lanewise model has no biases; set --biases to false");
    }
    if (sizes.tiedHead()) {
      throw new IllegalArgumentException(
          "a lanewise model has a head of its own; set --tied-head to false");
    }
    return config(sizes, EPSILON, sizes.ropeTheta() == 0 ? THETA : sizes.ropeTheta());
  }

  private static TransformerConfig config(ModelSizes sizes, double epsilon, double theta) {
    Heads heads = new Heads(sizes.heads(), sizes.keyValueHeads(), sizes.headSize());
    if (heads.size() % 2 != 0) {
      throw new IllegalArgumentException(
          "rotary positions turn pairs, and a head of %d is odd; take another --head-size"
              .formatted(heads.size()));
    }
    return new TransformerConfig(
        sizes.vocabularySize(),
        sizes.contextLength(),
        sizes.layers(),
        new TransformerBlock.Choice(
            sizes.width(),
            new RmsNorm.Choice(epsilon),
            new SelfAttention.Choice(heads, false, false, epsilon),
            new ReluSquaredFeedForward.Choice(sizes.feedForwardWidth()),
            sizes.dropout()),
        new RotaryPositions.Choice(heads.size(), heads.size(), theta, new RotaryScaling.None()),
        false,
        new TokenPaths(sizes.ngrams(), 0, true, true, true).withRowDropout(sizes.ngramDropout()),
        InitialWeights.ZERO_OUTPUTS,
        CrossEntropyLoss.Choice.EXACT);
  }

  @Override
  public TransformerConfig read(ConfigFields fields) throws InvalidFileException {
    int width = fields.requiredSize("hidden_size", ModelSizes.MOST_WIDTH);
    int queries = fields.requiredSize("num_attention_heads", ModelSizes.MOST_WIDTH);
    int keyValues = fields.size("num_key_value_heads", queries, ModelSizes.MOST_WIDTH);
    if (queries % keyValues != 0) {
      throw fields.problem(
          "num_key_value_heads", keyValues + " do not divide num_attention_heads " + queries);
    }
    fields.require("tie_word_embeddings", false);
    int headSize = fields.requiredSize("head_dim", ModelSizes.MOST_WIDTH);
    if (headSize % 2 != 0) {
      throw fields.problem("head_dim", headSize + " is odd, and rotary positions turn pairs");
    }
    ModelSizes sizes =
        new ModelSizes(
            fields.requiredSize("vocab_size", Integer.MAX_VALUE),
            fields.requiredSize("max_position_embeddings", ModelSizes.MOST_POSITIONS),
            width,
            queries,
            keyValues,
            headSize,
            fields.requiredSize("num_hidden_layers", ModelSizes.MOST_LAYERS),
            fields.requiredSize("intermediate_size", ModelSizes.MOST_HIDDEN),
            false,
            false,
            (float) fields.share(DROPOUT, 0),
            0,
            tables(fields),
            (float) fields.share(NGRAM_DROPOUT, 0));
    double values = 2.0 * sizes.vocabularySize() * keyValues * headSize;
    sizes.requireCountable(fields, "hidden_size", 2, values);
    return config(
        sizes, fields.positive("rms_norm_eps", EPSILON), fields.positive("rope_theta", THETA));
  }

  private static List<NgramTable> tables(ConfigFields fields) throws InvalidFileException {
    try {
      return NgramTables.parse(fields.string(NGRAMS, ""));
    } catch (IllegalArgumentException e) {
      throw fields.problem(NGRAMS, e.getMessage());
    }
  }

  @Override
  public Map<String, Object> write(TransformerConfig config, OptionalInt endOfText) {
    TransformerBlock.Choice block = config.block();
    Heads heads = block.attention().heads();
    Object end = endOfText.isPresent() ? endOfText.getAsInt() : null;
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("model_type", modelType());
    fields.put("vocab_size", config.vocabularySize());
    fields.put("max_position_embeddings", config.contextLength());
    fields.put("hidden_size", block.width());
    fields.put(
        "intermediate_size", ((ReluSquaredFeedForward.Choice) block.feedForward()).hiddenWidth());
    fields.put("num_hidden_layers", config.layers());
    fields.put("num_attention_heads", heads.queries());
    fields.put("num_key_value_heads", heads.keyValues());
    fields.put("head_dim", heads.size());
    fields.put("rms_norm_eps", ((RmsNorm.Choice) block.norm()).epsilon());
    fields.put("rope_theta", ((RotaryPositions.Choice) config.positions()).theta());
    fields.put(NGRAMS, NgramTables.format(config.paths().tables()));
    fields.put("tie_word_embeddings", false);
    fields.put("bos_token_id", end);
    fields.put("eos_token_id", end);
    fields.put("torch_dtype", "float32");
    if (block.dropout() > 0) {
      fields.put(DROPOUT, block.dropout());
    }
    if (config.paths().rowDropout() > 0) {
      fields.put(NGRAM_DROPOUT, config.paths().rowDropout());
    }
    return fields;
  }

  @Override
  public boolean isInTransformers() {
    return false;
  }

  @Override
  public String prefix() {
    return "";
  }

  @Override
  public String layerPrefix() {
    return "layers.";
  }

  @Override
  public String headName() {
    return HEAD_NAME;
  }

  @Override
  public List<StoredTensor> stored(TransformerConfig config, Parameter parameter) {
    return List.of(new StoredTensor(parameter.name(), 0, parameter.rowSize(), false));
  }

  @Override
  public boolean isConstant(String name) {
    return false;
  }

  @Override
  public List<TransformerConfig> examples(float dropout) {
    List<TransformerConfig> examples = new ArrayList<>();
    examples.add(config(example(4, 4, 8, 0, "2:4096,3:300"), EPSILON, THETA));
    examples.add(config(example(4, 2, 6, dropout, "2:50"), 1e-5, 500));
    examples.add(config(example(6, 1, 4, 0, ""), EPSILON, THETA));
    return examples;
  }

  private static ModelSizes example(
      int heads, int keyValueHeads, int headSize, float dropout, String ngrams) {
    return new ModelSizes(
        61,
        12,
        32,
        heads,
        keyValueHeads,
        headSize,
        2,
        72,
        false,
        false,
        dropout,
        0,
        NgramTables.parse(ngrams),
        dropout);
  }
}
