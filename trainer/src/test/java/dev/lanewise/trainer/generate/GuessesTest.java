package dev.lanewise.trainer.generate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What followed is guessed to follow again, as long as that pays. */
class GuessesTest {

  private static List<Integer> guess(Guesses guesses, int most, int... text) {
    return guess(guesses, new PassTimes(128), most, text);
  }

  private static List<Integer> guess(Guesses guesses, PassTimes times, int most, int... text) {
    int count = guesses.guess(text, text.length, most, times, 1, 1);
    int[] guessed = new int[count];
    guesses.copyTo(guessed, 0, count);
    return Arrays.stream(guessed).boxed().toList();
  }

  /** Times of passes of one row, and of those with guesses. */
  private static PassTimes times(long one, long four, long eight, long sixteen) {
    PassTimes times = new PassTimes(128);
    times.add(1, one);
    times.add(4, four);
    times.add(8, eight);
    times.add(16, sixteen);
    return times;
  }

  @Test
  void whatFollowedTheLongestMatchFollowsAgain() {
    int[] text = {9, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 8, 8, 8, 9, 1, 2, 3};
    assertThat(guess(new Guesses(), 3, text)).containsExactly(4, 5, 6);
    assertThat(guess(new Guesses(), 2, text)).containsExactly(4, 5);
    assertThat(guess(new Guesses(), 0, text)).isEmpty();
    // Of two of one length the later one.
    assertThat(guess(new Guesses(), 3, Arrays.copyOfRange(text, 1, 18))).containsExactly(8, 8, 8);
  }

  @Test
  void aRepetitionGoesOnBeyondTheText() {
    assertThat(guess(new Guesses(), 3, 1, 2, 1, 2, 1, 2)).containsExactly(1, 2, 1);
    assertThat(guess(new Guesses(), 3, 5, 5, 5, 5)).containsExactly(5, 5, 5);
  }

  @Test
  void withoutAMatchOfThreeThereIsNone() {
    assertThat(guess(new Guesses(), 10, 1, 2, 3, 4, 9, 2, 3)).isEmpty();
    assertThat(guess(new Guesses(), 10, 1, 2, 3)).isEmpty();
    assertThat(guess(new Guesses(), 10)).isEmpty();
  }

  @Test
  void rightGuessesBecomeLonger() {
    int[] text = new int[1000];
    Guesses guesses = new Guesses();
    int before = 0;
    int tokens = 500;
    while (before < Guesses.MOST) {
      int made = guesses.guess(text, tokens, 100, new PassTimes(128), 1, 1);
      assertThat(made).isGreaterThanOrEqualTo(before);
      before = made;
      tokens += 1 + made;
      assertThat(tokens).as("tokens until guesses are long").isLessThan(600);
    }
  }

  @Test
  void theyAreAsLongAsPaysBest() {
    int[] text = new int[1000];
    assertThat(lengthAfterRightOnes(text, times(100, 200, 220, 240))).isEqualTo(15);
    assertThat(lengthAfterRightOnes(text, times(100, 120, 250, 600))).isEqualTo(3);
    assertThat(lengthAfterRightOnes(text, times(100, 500, 900, 1700))).isZero();
  }

  private static int lengthAfterRightOnes(int[] text, PassTimes times) {
    Guesses guesses = new Guesses();
    int length = 0;
    int tokens = 500;
    for (int pass = 0; pass < 20; pass++) {
      length = guesses.guess(text, tokens, 100, times, 1, 1);
      tokens += 1 + length;
    }
    return length;
  }

  /** What would have been right is learned without a guess, so they begin again where it pays. */
  @Test
  void wrongGuessesStopUntilTheTextRepeatsItself() {
    int period = 50;
    int[] text = new int[6000];
    for (int i = 0; i < text.length; i++) {
      // Every fourth token goes on in a new way, and then all of it repeats.
      int at = i < 3000 ? i : i % period;
      text[i] = at % 4 < 3 ? at % 4 : 4 + (i < 3000 ? i : at);
    }
    PassTimes times = times(100, 150, 190, 260);
    Guesses guesses = new Guesses();
    int late = 0;
    for (int tokens = 10; tokens < 3000; tokens++) {
      late += guesses.guess(text, tokens, 100, times, 1, 1) > 0 && tokens > 500 ? 1 : 0;
    }
    assertThat(late).as("guesses that are never right").isLessThan(10);
    int most = 0;
    for (int tokens = 3000; tokens < text.length; tokens++) {
      most = Math.max(most, guesses.guess(text, tokens, 100, times, 1, 1));
    }
    assertThat(most).isEqualTo(Guesses.MOST);
  }

  @Test
  void ofSeveralTextsEachGetsATokenByThePass() {
    // What one text gains has to be more than all lose.
    int[] text = {1, 2, 3, 4, 1, 2, 3};
    PassTimes times = times(100, 100, 100, 160);
    times.add(12, 115);
    assertThat(new Guesses().guess(text, text.length, 3, times, 8, 8)).isEqualTo(3);
    PassTimes dear = times(100, 100, 100, 160);
    dear.add(12, 130);
    assertThat(new Guesses().guess(text, text.length, 3, dear, 8, 8)).isZero();
    assertThat(new Guesses().guess(text, text.length, 3, dear, 1, 1)).isEqualTo(3);
  }
}
