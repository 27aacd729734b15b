package dev.lanewise.model.family;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.engine.tensor.Parameter;
import dev.lanewise.model.TransformerConfig;
import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A family of models: which choices it makes, and how files name them. To add one, write a class
 * and add it to {@link Families}.
 */
public interface Family extends Registry.Kind {

  /** Returns the {@code model_type} in {@code config.json}. */
  String modelType();

  /**
   * Returns the name of the class in Hugging Face's library, in {@code architectures} of {@code
   * config.json}; empty if it has none.
   */
  default String architecture() {
    return "";
  }

  /** Returns whether a {@code config.json} without type and class can only be of this family. */
  default boolean isToldBy(ConfigFields fields) {
    return false;
  }

  @Override
  default String id() {
    return modelType();
  }

  /**
   * Makes the choices of a new model of this family.
   *
   * @throws IllegalArgumentException that names the size that is wrong
   */
  TransformerConfig choose(ModelSizes sizes);

  /**
   * Reads the choices from a {@code config.json} of this family. A field that does not change what
   * the model computes is passed over; what would make it a model that we do not have is refused.
   *
   * @throws InvalidFileException that names the field
   */
  TransformerConfig read(ConfigFields fields) throws InvalidFileException;

  /**
   * Returns the fields of {@code config.json}, in order.
   *
   * @param endOfText the id of the token that begins and ends texts, if there is one
   */
  Map<String, Object> write(TransformerConfig config, OptionalInt endOfText);

  /** Returns what names of tensors begin with in files of the whole model, and may lack. */
  String prefix();

  /** Returns what names of tensors of blocks begin with, the prefix included. */
  String layerPrefix();

  /** Returns the tensors that hold a parameter in a file: together they are all its columns. */
  List<StoredTensor> stored(TransformerConfig config, Parameter parameter);

  /**
   * A bias of zeros in files of a model that does not have it.
   *
   * @param name of the tensor, with the prefix
   * @param field what says in {@code config.json} that the model does not have it
   */
  record ZeroBias(String name, String field) {}

  /** Returns the bias of zeros that files have beside a weight, if they have one. */
  default Optional<ZeroBias> zeroBias(TransformerConfig config, Parameter weight) {
    return Optional.empty();
  }

  /** Returns the name of the output projection, which files may hold although it is tied. */
  String headName();

  /**
   * Returns whether a tensor is no weight but a constant that old versions stored, to be ignored.
   */
  boolean isConstant(String name);

  /** Returns whether Hugging Face's transformers has such models. */
  default boolean isInTransformers() {
    return true;
  }

  /** Returns how the family's models lie in GGUF files, if llama.cpp has such models. */
  default Optional<GgufForm> gguf() {
    return Optional.empty();
  }

  /** Returns what the files of an optimizer call a parameter. */
  default String stateName(Parameter parameter) {
    return parameter.name();
  }

  /**
   * Returns small models that differ in all choices of the family: checking the gradients of one
   * takes seconds.
   *
   * @param dropout the rate of those that are trained with dropout
   */
  List<TransformerConfig> examples(float dropout);
}
