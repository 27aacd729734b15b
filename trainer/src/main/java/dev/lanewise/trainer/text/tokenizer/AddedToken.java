package dev.lanewise.trainer.text.tokenizer;

/**
 * A token that stands for its name as a whole, beside what the tokenizer makes of other text.
 *
 * @param id its id
 * @param name how it is written in text
 * @param special whether it is meant for programs, so that text has it only when asked for; one
 *     that is not special is recognized in all text
 * @param takesSpaceBefore whether white space before it is part of it
 * @param takesSpaceAfter whether white space after it is part of it
 * @param normalized whether it is sought in the normalized text, by its normalized name
 * @param singleWord whether it is text where a letter, a digit or the like is beside it
 */
public record AddedToken(
    int id,
    String name,
    boolean special,
    boolean takesSpaceBefore,
    boolean takesSpaceAfter,
    boolean normalized,
    boolean singleWord) {

  /** A special token that takes no white space. */
  public static AddedToken special(int id, String name) {
    return new AddedToken(id, name, true, false, false, false, false);
  }
}
