package dev.lanewise.trainer.text;

import dev.lanewise.trainer.text.conversation.LongDocuments;
import dev.lanewise.trainer.text.conversation.TrainOn;
import java.time.LocalDate;

/**
 * How documents become two files of ids.
 *
 * @param context the most tokens of a document
 * @param trainOn which of them count
 * @param longDocuments what becomes of longer documents
 * @param seed draws the documents that validate
 * @param today what chat templates are told that ask for the date; null for that of the clock
 */
public record DocumentLayout(
    int context, TrainOn trainOn, LongDocuments longDocuments, long seed, LocalDate today) {

  /** A line for the label of a corpus. */
  String label() {
    return "context %d, train on %s, long %s, seed %d, date %s"
        .formatted(context, trainOn.id(), longDocuments.id(), seed, today);
  }
}
