package dev.lanewise.model.family;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.engine.tensor.Shape;
import java.util.function.UnaryOperator;

/**
 * A tensor of a GGUF file.
 *
 * @param shape the length of a row last
 * @param exact whether it is float32 whatever the file's encoding; one of a single row always is
 * @param fromParameter makes it from the parameter that it holds
 */
public record GgufTensor(
    String name, Shape shape, boolean exact, UnaryOperator<FloatTensor> fromParameter) {}
