package dev.lanewise.model.layer;

import java.util.List;

/**
 * By which paths a token reaches the blocks, besides its row of the embedding: what a model
 * chooses.
 *
 * @param tables of the last tokens together, whose rows are added to the embedding
 * @param normed whether the sum is normalised before the first block
 * @param everyBlock whether each block sees it again: the stream and it, each times a number that
 *     is learned
 * @param values whether the first and the last block add a row for the token to its values
 */
public record TokenPaths(
    List<NgramTable> tables, boolean normed, boolean everyBlock, boolean values) {

  /** The embedding begins the stream, and that is all. */
  public static final TokenPaths NONE = new TokenPaths(List.of(), false, false, false);

  /** Copies the list. */
  public TokenPaths {
    tables = List.copyOf(tables);
  }
}
