package dev.lanewise.model.family;

import dev.lanewise.model.TransformerConfig;

/**
 * A model as files describe it.
 *
 * @param family how files name what it is made of
 * @param config what it is made of
 */
public record ModelDescription(Family family, TransformerConfig config) {}
