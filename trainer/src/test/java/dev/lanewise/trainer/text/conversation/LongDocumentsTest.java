package dev.lanewise.trainer.text.conversation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.text.conversation.LongDocuments.Piece;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

class LongDocumentsTest {

  @Property
  void everyTokenButTheFirstIsPredictedOnce(
      @ForAll @IntRange(max = 300) int tokens, @ForAll @IntRange(min = 2, max = 50) int context) {
    int[] predicted = new int[tokens];
    for (Piece piece : LongDocuments.SPLIT.pieces(tokens, context)) {
      assertThat(piece.end() - piece.from()).isLessThanOrEqualTo(context);
      for (int i = piece.from() + 1; i < piece.end(); i++) {
        predicted[i]++;
      }
    }
    for (int i = 1; i < tokens; i++) {
      assertThat(predicted[i]).isEqualTo(1);
    }
    assertThat(LongDocuments.CUT.pieces(tokens, context))
        .isEqualTo(List.of(new Piece(0, Math.min(tokens, context))));
  }
}
