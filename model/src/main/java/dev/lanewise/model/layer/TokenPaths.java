package dev.lanewise.model.layer;

import java.util.List;

/**
 * By which paths a token reaches the blocks, besides its row of the embedding: what a model
 * chooses.
 *
 * @param tables of the last tokens together, whose rows are added to the embedding
 * @param rowDropout rate in [0, 1) at which training leaves out a position's row of a table
 * @param normed whether the sum is normalised before the first block
 * @param everyBlock whether each block sees it again: the stream and it, each times a number that
 *     is learned
 * @param values whether the first and the last block add a row for the token to its values
 */
public record TokenPaths(
    List<NgramTable> tables, float rowDropout, boolean normed, boolean everyBlock, boolean values) {

  /** The embedding begins the stream, and that is all. */
  public static final TokenPaths NONE = new TokenPaths(List.of(), 0, false, false, false);

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException if the rate is not in [0, 1)
   */
  public TokenPaths {
    tables = List.copyOf(tables);
    if (!(rowDropout >= 0 && rowDropout < 1)) {
      throw new IllegalArgumentException(
          "the dropout rate " + rowDropout + " of tables is not in [0, 1)");
    }
  }

  /** Returns the same with another rate of dropout, of which there is none without tables. */
  public TokenPaths withRowDropout(float rate) {
    return new TokenPaths(tables, tables.isEmpty() ? 0 : rate, normed, everyBlock, values);
  }
}
