package dev.lanewise.bench.peers;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.Heads;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.layer.Embedding;
import dev.lanewise.model.layer.LearnedPositions;
import java.util.LinkedHashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GeneratorOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * The model of {@link Transformer} as GPT-2 is made on PyTorch's operators, each in its fastest form:
 * fused attention, native layer norm and GELU, cross-entropy over all logits at once. Parameters
 * have the names of Lanewise's; matrices of linear layers are [out, in], as PyTorch stores them.
 */
final class TorchGpt {

  private static final double INITIAL_DEVIATION = 0.02;
  private static final double NORM_EPSILON = 1e-5;

  private final TransformerConfig config;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  /** Makes a model with random weights. */
  TorchGpt(TransformerConfig config, ParameterLayout layout) {
    this.config = config;
    for (Parameter parameter : layout.parameters()) {
      Tensor tensor = torch.empty(dimensions(parameter));
      if (isMatrix(parameter)) {
        tensor.normal_(0, INITIAL_DEVIATION, new GeneratorOptional());
      } else {
        tensor.fill_(new Scalar(parameter.role() == Role.GAIN ? 1f : 0f));
      }
      parameters.put(parameter.name(), tensor.requires_grad_(true));
    }
  }

  /** Whether a parameter is stored the other way round than Lanewise stores it. */
  private static boolean isTransposed(Parameter parameter) {
    return parameter.role() == Role.HIDDEN;
  }

  private static boolean isMatrix(Parameter parameter) {
    return parameter.shape().rank() == 2;
  }

  private static long[] dimensions(Parameter parameter) {
    int first = parameter.shape().dimension(0);
    if (!isMatrix(parameter)) {
      return new long[] {first};
    }
    int second = parameter.shape().dimension(1);
    return isTransposed(parameter) ? new long[] {second, first} : new long[] {first, second};
  }

  /** Takes over the weights of a Lanewise model. */
  void copyFrom(ParameterStore weights) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      for (Parameter parameter : weights.layout().parameters()) {
        float[] values = weights.tensor(parameter).toArray();
        Tensor source =
            isMatrix(parameter)
                ? AbstractTensor.create(
                    values, parameter.shape().dimension(0), parameter.shape().dimension(1))
                : AbstractTensor.create(values, parameter.size());
        parameters
            .get(parameter.name())
            .copy_(isTransposed(parameter) ? source.transpose(0, 1) : source);
      }
    }
  }

  /** Returns the parameters by name. */
  Map<String, Tensor> parameters() {
    return parameters;
  }

  /**
   * The mean loss, in nats per token.
   *
   * @param ids [B, T] of int64
   * @param targets [B T] of int64
   * @param dropout whether dropout is on
   */
  Tensor loss(Tensor ids, Tensor targets, boolean dropout) {
    long batch = ids.size(0);
    long time = ids.size(1);
    double rate = dropout ? config.block().dropout() : 0;
    Tensor tokens = torch.embedding(parameter(Embedding.TABLE), ids);
    Tensor x = drop(tokens.add_(parameter(LearnedPositions.TABLE).narrow(0, 0, time)), rate);
    for (int i = 0; i < config.layers(); i++) {
      Tensor y = block("layers." + i, x, batch, time, rate);
      x.close();
      x = y;
    }
    Tensor head = parameter(config.tiedHead() ? Embedding.TABLE : Transformer.HEAD);
    Tensor logits = torch.linear(norm("final_norm", x), head);
    return torch.cross_entropy_loss(logits.view(batch * time, config.vocabularySize()), targets);
  }

  /** Frees what only its own layers need, as leaving a function does in Python. */
  private Tensor block(String name, Tensor x, long batch, long time, double rate) {
    try (PointerScope scope = new PointerScope()) {
      Tensor attention = attention(name + ".attention", norm(name + ".attention_norm", x), batch, time);
      Tensor middle = residual(drop(attention, rate), x);
      Tensor normed = norm(name + ".feed_forward_norm", middle);
      Tensor hidden = torch.gelu(linear(name + ".feed_forward.up", normed), "tanh");
      Tensor y = residual(drop(linear(name + ".feed_forward.down", hidden), rate), middle);
      y.retainReference();
      return y;
    }
  }

  /** In place where that rounds nothing: autocast's branches are in bfloat16, what they join is not. */
  private static Tensor residual(Tensor branch, Tensor x) {
    return branch.element_size() == x.element_size() ? branch.add_(x) : x.add(branch);
  }

  private Tensor attention(String name, Tensor x, long batch, long time) {
    int width = config.width();
    TensorVector qkv = linear(name + ".qkv", x).split(width, 2);
    Tensor mixed =
        torch.scaled_dot_product_attention(
            heads(qkv.get(0), batch, time),
            heads(qkv.get(1), batch, time),
            heads(qkv.get(2), batch, time),
            new TensorOptional(),
            0,
            true,
            new DoubleOptional(),
            false);
    return linear(name + ".output", mixed.transpose(1, 2).reshape(batch, time, width));
  }

  private Tensor heads(Tensor x, long batch, long time) {
    Heads heads = config.block().attention().heads();
    return x.view(batch, time, heads.queries(), heads.size()).transpose(1, 2);
  }

  private Tensor norm(String name, Tensor x) {
    return torch.layer_norm(
        x,
        new long[] {config.width()},
        optional(name + ".weight"),
        optional(name + ".bias"),
        NORM_EPSILON,
        true);
  }

  private Tensor linear(String name, Tensor x) {
    return torch.linear(x, parameter(name + ".weight"), optional(name + ".bias"));
  }

  private static Tensor drop(Tensor x, double rate) {
    return rate == 0 ? x : torch.dropout(x, rate, true);
  }

  private Tensor parameter(String name) {
    return parameters.get(name);
  }

  private TensorOptional optional(String name) {
    Tensor tensor = parameters.get(name);
    return tensor == null ? new TensorOptional() : new TensorOptional(tensor);
  }
}
