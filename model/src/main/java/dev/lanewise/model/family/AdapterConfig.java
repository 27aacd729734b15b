package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.engine.tensor.Role;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.memory.Adaptation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What PEFT's {@code adapter_config.json} says of a low-rank adapter (LoRA): to which matrices of
 * the blocks something is added, and how much of it.
 *
 * @param rank of what is added to a matrix
 * @param alpha it is multiplied by alpha / rank
 * @param dropout rate of dropout of its input in training
 * @param targets names of matrices, or ends of them, as files have them: {@code q_proj}
 * @param base the model that it belongs to: a path, or a name; empty if it is not said
 */
public record AdapterConfig(
    int rank, double alpha, double dropout, List<String> targets, String base) {

  /** The greatest rank: more than that of any matrix that is adapted in use. */
  public static final int MOST_RANK = 4096;

  private static final String TARGETS = "target_modules";
  private static final String ALL = "all-linear";
  private static final String WEIGHT = ".weight";

  /** Fields that make another adapter than ours unless they are null, false, or empty. */
  private static final List<String> UNSUPPORTED =
      List.of(
          "use_dora",
          "use_qalora",
          "use_bdlora",
          "lora_bias",
          "modules_to_save",
          "rank_pattern",
          "alpha_pattern",
          "exclude_modules",
          "layers_to_transform",
          "layers_pattern",
          "layer_replication",
          "megatron_config",
          "target_parameters",
          "trainable_token_indices",
          "alora_invocation_tokens",
          "arrow_config",
          "kasa_config",
          "monteclora_config",
          "velora_config");

  /** Ways to begin that are about an adapter's first values alone, and leave the base as it is. */
  private static final Set<String> BEGINNINGS = Set.of("gaussian", "orthogonal", "eva");

  /** Copies the list. */
  public AdapterConfig {
    targets = List.copyOf(targets);
  }

  /** Returns the same adapter on another base. */
  public AdapterConfig on(String other) {
    return new AdapterConfig(rank, alpha, dropout, targets, other);
  }

  /** Returns the same adapter, trained with another rate of dropout. */
  public AdapterConfig withDropout(double rate) {
    return new AdapterConfig(rank, alpha, rate, targets, base);
  }

  /**
   * A matrix of a block that files have by itself.
   *
   * @param weight the parameter that it is, or some columns of
   * @param stored its tensor
   */
  record Module(Parameter weight, StoredTensor stored) {

    private static final Pattern LAYER = Pattern.compile("\\.\\d+\\.");

    /** The name in files of the whole model, such as {@code model.layers.0.self_attn.q_proj}. */
    String path() {
      return stored.name().substring(0, stored.name().length() - WEIGHT.length());
    }

    /** The last part of it. */
    String name() {
      return path().substring(path().lastIndexOf('.') + 1);
    }

    /** The path without the number of the layer. */
    private String placeInBlock() {
      return LAYER.matcher(path()).replaceFirst(".");
    }

    private boolean isMeantBy(String target) {
      return path().equals(target) || path().endsWith("." + target);
    }
  }

  /** The matrices of the blocks of a model. */
  static List<Module> modules(ModelDescription model) {
    List<Module> modules = new ArrayList<>();
    // Only for its layout: nothing is computed.
    Transformer plan = new Transformer(model.config(), ScalarKernels.create(), 1, 1);
    for (Parameter parameter : plan.layout().inOrderOfCreation()) {
      if (parameter.role() == Role.HIDDEN) {
        for (StoredTensor stored : model.family().stored(model.config(), parameter)) {
          modules.add(new Module(parameter, stored));
        }
      }
    }
    return modules;
  }

  /** Returns the names of the matrices of a model's blocks that can be targets, sorted. */
  public static List<String> allTargets(ModelDescription model) {
    return List.copyOf(new TreeSet<>(modules(model).stream().map(Module::name).toList()));
  }

  /**
   * Returns what it adds to a model.
   *
   * @throws IllegalArgumentException if a target is none of the model's, or of some layers alone
   */
  public Adaptation adaptation(ModelDescription model) {
    List<Module> modules = modules(model);
    for (String target : targets) {
      if (modules.stream().noneMatch(module -> module.isMeantBy(target))) {
        throw new IllegalArgumentException(
            "%s is no matrix of a %s's blocks; there are %s"
                .formatted(
                    InvalidFileException.quote(target),
                    model.family().modelType(),
                    String.join(", ", allTargets(model))));
      }
    }
    requireAllLayers(modules);
    Map<String, List<Adaptation.Columns>> added = new LinkedHashMap<>();
    for (Module module : modules) {
      if (targets.stream().anyMatch(module::isMeantBy)) {
        added
            .computeIfAbsent(module.weight().name(), name -> new ArrayList<>())
            .add(
                new Adaptation.Columns(
                    module.name(), module.stored().fromColumn(), module.stored().columns()));
      }
    }
    return new Adaptation(rank, (float) (alpha / rank), (float) dropout, added);
  }

  private void requireAllLayers(List<Module> modules) {
    Map<String, Boolean> meant = new HashMap<>();
    for (Module module : modules) {
      boolean isMeant = targets.stream().anyMatch(module::isMeantBy);
      Boolean before = meant.put(module.placeInBlock(), isMeant);
      if (before != null && before != isMeant) {
        throw new IllegalArgumentException(
            "%s of some layers alone is not supported; %s means all layers"
                .formatted(module.name(), module.name()));
      }
    }
  }

  /**
   * Reads the fields.
   *
   * @param model whose matrices are all meant where the file says so
   * @throws InvalidFileException that names the field that is wrong or not supported
   */
  static AdapterConfig read(ConfigFields fields, ModelDescription model)
      throws InvalidFileException {
    String type = fields.string("peft_type", "LORA");
    if (!type.equals("LORA")) {
      throw fields.problem(
          "peft_type",
          "%s is not supported, only LORA".formatted(InvalidFileException.quote(type)));
    }
    requireSupported(fields);
    int rank = fields.requiredSize("r", MOST_RANK);
    double alpha = fields.positive("lora_alpha", 8);
    if (fields.flag("use_rslora", false)) {
      // Another scale: alpha / sqrt(rank).
      alpha *= Math.sqrt(rank);
    }
    return new AdapterConfig(
        rank,
        alpha,
        fields.share("lora_dropout", 0),
        targets(fields, model),
        fields.string("base_model_name_or_path", ""));
  }

  private static void requireSupported(ConfigFields fields) throws InvalidFileException {
    for (String name : UNSUPPORTED) {
      boolean empty =
          !fields.has(name)
              || (fields.isList(name) && fields.list(name).isEmpty())
              || (fields.isObject(name) && fields.object(name).names().isEmpty())
              || fields.isFalse(name);
      if (!empty) {
        throw fields.problem(name, "is not supported; only plain LoRA is");
      }
    }
    String bias = fields.string("bias", "none");
    if (!bias.equals("none")) {
      throw fields.problem(
          "bias",
          "%s: trained biases are not supported, only none"
              .formatted(InvalidFileException.quote(bias)));
    }
    String beginning = "init_lora_weights";
    if (fields.isText(beginning) && !BEGINNINGS.contains(fields.string(beginning, ""))) {
      throw fields.problem(
          beginning,
          "%s changes the weights of the base, which are not with the adapter"
              .formatted(InvalidFileException.quote(fields.string(beginning, ""))));
    }
  }

  private static List<String> targets(ConfigFields fields, ModelDescription model)
      throws InvalidFileException {
    if (!fields.has(TARGETS)) {
      throw fields.problem(TARGETS, "missing");
    }
    if (!fields.isList(TARGETS)) {
      String pattern = fields.string(TARGETS, "");
      if (!pattern.equals(ALL)) {
        throw fields.problem(
            TARGETS,
            "%s: a pattern is not supported, only a list of names"
                .formatted(InvalidFileException.quote(pattern)));
      }
      return allTargets(model);
    }
    Set<String> targets = new LinkedHashSet<>();
    for (Object each : fields.list(TARGETS)) {
      if (!(each instanceof String name) || name.isEmpty()) {
        throw fields.problem(TARGETS, "is not a list of names");
      }
      targets.add(name);
    }
    if (targets.isEmpty()) {
      throw fields.problem(TARGETS, "names nothing");
    }
    // Lists for several kinds of models name what this one does not have; PEFT asks for one of
    // them.
    List<Module> modules = modules(model);
    List<String> found =
        targets.stream()
            .filter(target -> modules.stream().anyMatch(module -> module.isMeantBy(target)))
            .toList();
    return found.isEmpty() ? List.copyOf(targets) : found;
  }

  /** Returns the fields as PEFT has them. */
  Map<String, Object> fields(ModelDescription model) {
    boolean asInput = modules(model).stream().noneMatch(module -> module.stored().transposed());
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("peft_type", "LORA");
    fields.put("task_type", "CAUSAL_LM");
    fields.put("base_model_name_or_path", base.isEmpty() ? null : base);
    fields.put("revision", null);
    fields.put("inference_mode", true);
    fields.put("r", rank);
    fields.put("lora_alpha", alpha == (int) alpha ? (Object) (int) alpha : (Object) alpha);
    fields.put("lora_dropout", dropout);
    fields.put("target_modules", targets);
    fields.put("fan_in_fan_out", asInput);
    fields.put("bias", "none");
    fields.put("init_lora_weights", true);
    fields.put("use_rslora", false);
    fields.put("use_dora", false);
    fields.put("modules_to_save", null);
    fields.put("layers_to_transform", null);
    fields.put("layers_pattern", null);
    fields.put("rank_pattern", Map.of());
    fields.put("alpha_pattern", Map.of());
    return fields;
  }
}
