package dev.lanewise.trainer.text.conversation;

/**
 * What a model sees of a document, or of a part of it that is learned by itself.
 *
 * @param ids the tokens
 * @param counted for each, whether predicting it counts in the loss; as long as {@code ids}
 */
@SuppressWarnings(
    "ArrayRecordComponent") // Compared by nobody; a list of boxes would be four times as large.
public record CountedTokens(int[] ids, boolean[] counted) {

  public CountedTokens {
    if (ids.length != counted.length) {
      throw new IllegalArgumentException(ids.length + " ids, " + counted.length + " marks");
    }
  }

  /** How many of the first tokens count. */
  public int countedBefore(int end) {
    int count = 0;
    for (int i = 0; i < Math.min(end, counted.length); i++) {
      count += counted[i] ? 1 : 0;
    }
    return count;
  }
}
