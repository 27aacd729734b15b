package dev.lanewise.model.family;

/**
 * A tensor of a file that holds some columns of a parameter, or all.
 *
 * @param name with the family's prefix
 * @param fromColumn the first column of the parameter
 * @param columns how many
 * @param transposed whether the file has a row for each of these columns
 */
public record StoredTensor(String name, int fromColumn, int columns, boolean transposed) {}
