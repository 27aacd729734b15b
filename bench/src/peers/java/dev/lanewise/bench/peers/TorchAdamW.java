package dev.lanewise.bench.peers;

import dev.lanewise.trainer.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Function;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * Clipping by global norm and PyTorch's fused AdamW, with weight decay on matrices only. The fused
 * operator has no binding in Java and is reached through TorchScript. The factor of clipping is
 * handed to it as a gradient scale, which saves a walk over the gradients.
 */
final class TorchAdamW {

  private static final double CLIP_EPSILON = 1e-8;

  private static final String SCRIPT =
      """
      def norm(grads: List[Tensor]):
          return torch.linalg_vector_norm(torch.stack(torch._foreach_norm(grads)))

      def update(params: List[Tensor], grads: List[Tensor], means: List[Tensor],
                 squares: List[Tensor], steps: List[Tensor], lr: float, beta1: float,
                 beta2: float, decay: float, eps: float, scale: Tensor):
          none: List[Tensor] = []
          torch._foreach_add_(steps, 1)
          torch._fused_adamw_(params, grads, means, squares, none, steps, lr=lr, beta1=beta1,
                              beta2=beta2, weight_decay=decay, eps=eps, amsgrad=False,
                              maximize=False, grad_scale=scale, found_inf=None)
      """;

  private final Settings config;
  private final CompilationUnit unit = torch.compile(SCRIPT);
  private final Function norm = unit.get_function(new QualifiedName("norm"));
  private final Function update = unit.get_function(new QualifiedName("update"));
  private final List<Group> groups = new ArrayList<>();

  /** Parameters with the same weight decay, and their moments. */
  private record Group(
      double decay,
      List<Tensor> tensors,
      IValue parameters,
      IValue means,
      IValue squares,
      IValue steps) {

    static Group of(double decay, List<Tensor> tensors) {
      List<Tensor> means = new ArrayList<>();
      List<Tensor> squares = new ArrayList<>();
      List<Tensor> steps = new ArrayList<>();
      try (NoGradGuard guard = new NoGradGuard()) {
        for (Tensor tensor : tensors) {
          means.add(torch.zeros_like(tensor));
          squares.add(torch.zeros_like(tensor));
          steps.add(torch.scalar_tensor(new Scalar(0f)));
        }
      }
      return new Group(decay, tensors, list(tensors), list(means), list(squares), list(steps));
    }

    IValue gradients() {
      return list(tensors.stream().map(Tensor::grad).toList());
    }
  }

  TorchAdamW(Settings config, Map<String, Tensor> parameters) {
    this.config = config;
    List<Tensor> all = List.copyOf(parameters.values());
    groups.add(
        Group.of(config.optimizer().weightDecay(), all.stream().filter(tensor -> tensor.dim() > 1).toList()));
    groups.add(Group.of(0, all.stream().filter(tensor -> tensor.dim() == 1).toList()));
  }

  /** Returns the norm of all gradients. */
  double gradientNorm() {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      double sum = 0;
      for (Group group : groups) {
        double part = norm.apply(stack(group.gradients())).toTensor().item_double();
        sum += part * part;
      }
      return Math.sqrt(sum);
    }
  }

  /** Updates the parameters and lets the gradients go. */
  void update(double learningRate, double gradientNorm) {
    try (PointerScope scope = new PointerScope();
        NoGradGuard guard = new NoGradGuard()) {
      boolean clips = config.optimizer().clip() > 0 && gradientNorm > config.optimizer().clip();
      double divisor = clips ? (gradientNorm + CLIP_EPSILON) / config.optimizer().clip() : 1;
      IValue scale = new IValue(torch.scalar_tensor(new Scalar((float) divisor)));
      for (Group group : groups) {
        update.run(
            stack(
                group.parameters(),
                group.gradients(),
                group.means(),
                group.squares(),
                group.steps(),
                new IValue(learningRate),
                new IValue(config.optimizer().beta1()),
                new IValue(config.optimizer().beta2()),
                new IValue(group.decay()),
                new IValue(config.optimizer().epsilon()),
                scale));
        for (Tensor tensor : group.tensors()) {
          tensor.mutable_grad().reset();
        }
      }
    }
  }

  private static IValueVector stack(IValue... values) {
    return new IValueVector(values);
  }

  private static IValue list(List<Tensor> tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    for (Tensor tensor : tensors) {
      list.push_back(new IValue(tensor));
    }
    return new IValue(list);
  }
}
