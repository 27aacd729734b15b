package dev.lanewise.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What followed is guessed to follow again, as long as that pays. */
class GuessesTest {

  private static List<Integer> guess(Guesses guesses, int most, int... text) {
    int count = guesses.guess(text, text.length, most);
    int[] guessed = new int[count];
    guesses.copyTo(guessed, 0);
    return Arrays.stream(guessed).boxed().toList();
  }

  @Test
  void whatFollowedTheLongestMatchFollowsAgain() {
    int[] text = {9, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 8, 8, 8, 9, 1, 2, 3};
    assertThat(guess(new Guesses(), 10, text)).containsExactly(4, 5, 6);
    assertThat(guess(new Guesses(), 2, text)).containsExactly(4, 5);
    assertThat(guess(new Guesses(), 0, text)).isEmpty();
    // Of two of one length the later one.
    assertThat(guess(new Guesses(), 10, Arrays.copyOfRange(text, 1, 18))).containsExactly(8, 8, 8);
  }

  @Test
  void aRepetitionGoesOnBeyondTheText() {
    assertThat(guess(new Guesses(), 10, 1, 2, 1, 2, 1, 2)).containsExactly(1, 2, 1);
    assertThat(guess(new Guesses(), 10, 5, 5, 5, 5)).containsExactly(5, 5, 5);
  }

  @Test
  void withoutAMatchOfThreeThereIsNone() {
    assertThat(guess(new Guesses(), 10, 1, 2, 3, 4, 9, 2, 3)).isEmpty();
    assertThat(guess(new Guesses(), 10, 1, 2, 3)).isEmpty();
    assertThat(guess(new Guesses(), 10)).isEmpty();
  }

  @Test
  void rightGuessesBecomeLonger() {
    int[] text = new int[40];
    Guesses guesses = new Guesses();
    for (int length : new int[] {3, 7, 15, 15}) {
      assertThat(guess(guesses, 100, text)).hasSize(length);
      guesses.settle(length, text.length);
    }
    guesses.settle(2, text.length);
    assertThat(guess(guesses, 100, text)).hasSize(3);
  }

  @Test
  void wrongGuessesStopForAWhile() {
    int[] text = new int[10_000];
    Guesses guesses = new Guesses();
    int made = 0;
    for (int tokens = 10; tokens < text.length; tokens++) {
      if (guesses.guess(text, tokens, 10) > 0) {
        guesses.settle(0, tokens + 1);
        made++;
      }
    }
    // Each costs three twentieths of a pass.
    assertThat(made).isBetween(20, 100);
  }
}
