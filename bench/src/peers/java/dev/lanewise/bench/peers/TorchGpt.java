package dev.lanewise.bench.peers;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.ParameterLayout;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.model.GptConfig;
import java.util.Arrays;
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
 * The model of {@link dev.lanewise.model.Gpt} on PyTorch's operators, each in its fastest form:
 * fused attention, native layer norm and GELU, cross-entropy over all logits at once. Parameters
 * have the names of Lanewise's; matrices of linear layers are [out, in], as PyTorch stores them.
 */
final class TorchGpt {

  private static final double INITIAL_DEVIATION = 0.02;
  private static final double NORM_EPSILON = 1e-5;

  private final GptConfig config;
  private final Map<String, Tensor> parameters = new LinkedHashMap<>();

  /** Makes a model with random weights. */
  TorchGpt(GptConfig config, ParameterLayout layout) {
    this.config = config;
    for (Parameter parameter : layout.parameters()) {
      Tensor tensor = torch.empty(dimensions(parameter));
      if (parameter.isMatrix()) {
        tensor.normal_(0, INITIAL_DEVIATION, new GeneratorOptional());
      } else {
        boolean gain = parameter.name().endsWith(".weight");
        tensor.fill_(new Scalar(gain ? 1f : 0f));
      }
      parameters.put(parameter.name(), tensor.requires_grad_(true));
    }
  }

  /** Whether a parameter is stored the other way round than Lanewise stores it. */
  private static boolean isTransposed(Parameter parameter) {
    return parameter.isMatrix() && parameter.name().startsWith("h.");
  }

  private static long[] dimensions(Parameter parameter) {
    int first = parameter.shape().dimension(0);
    if (!parameter.isMatrix()) {
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
        float[] values =
            Arrays.copyOfRange(
                weights.data(), parameter.offset(), parameter.offset() + parameter.size());
        Tensor source =
            parameter.isMatrix()
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
    double rate = dropout ? config.dropout() : 0;
    Tensor tokens = torch.embedding(parameter("wte.weight"), ids);
    Tensor x = drop(tokens.add_(parameter("wpe.weight").narrow(0, 0, time)), rate);
    for (int i = 0; i < config.layers(); i++) {
      Tensor y = block("h." + i, x, batch, time, rate);
      x.close();
      x = y;
    }
    Tensor head = parameter(config.tiedHead() ? "wte.weight" : "lm_head.weight");
    Tensor logits = torch.linear(norm("ln_f", x), head);
    return torch.cross_entropy_loss(logits.view(batch * time, config.vocabularySize()), targets);
  }

  /** Frees what only its own layers need, as leaving a function does in Python. */
  private Tensor block(String name, Tensor x, long batch, long time, double rate) {
    try (PointerScope scope = new PointerScope()) {
      Tensor attention = attention(name + ".attn", norm(name + ".ln_1", x), batch, time);
      Tensor middle = drop(attention, rate).add_(x);
      Tensor hidden = torch.gelu(linear(name + ".mlp.c_fc", norm(name + ".ln_2", middle)), "tanh");
      Tensor y = drop(linear(name + ".mlp.c_proj", hidden), rate).add_(middle);
      y.retainReference();
      return y;
    }
  }

  private Tensor attention(String name, Tensor x, long batch, long time) {
    int width = config.width();
    TensorVector qkv = linear(name + ".c_attn", x).split(width, 2);
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
    return linear(name + ".c_proj", mixed.transpose(1, 2).reshape(batch, time, width));
  }

  private Tensor heads(Tensor x, long batch, long time) {
    return x.view(batch, time, config.heads(), config.headSize()).transpose(1, 2);
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
