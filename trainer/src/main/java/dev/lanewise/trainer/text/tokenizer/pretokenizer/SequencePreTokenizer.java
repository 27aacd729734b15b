package dev.lanewise.trainer.text.tokenizer.pretokenizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.util.ArrayList;
import java.util.List;

/** Several steps, each of which cuts what the ones before it left. */
record SequencePreTokenizer(List<PreTokenizer> steps) implements PreTokenizer {

  static final String TYPE = "Sequence";

  private static final int MOST_STEPS = 16;

  /** Two steps that one scanner takes at once. */
  private static final List<PreTokenizer> SMOLLM =
      List.of(new DigitsPreTokenizer(true), new ByteLevelPreTokenizer(false, true));

  static PreTokenizer read(TokenizerJson json, String path) throws InvalidFileException {
    List<PreTokenizer> steps = new ArrayList<>();
    for (int i = 0; ; i++) {
      String step = path + ".pretokenizers[" + i + "]";
      if (json.setting(step + ".type").isEmpty()) {
        break;
      }
      if (steps.size() >= MOST_STEPS) {
        throw json.problem(step, "more than " + MOST_STEPS + " steps");
      }
      if (!steps.isEmpty() && steps.getLast() instanceof ByteLevelPreTokenizer) {
        throw json.problem(
            step, "a step after \"" + ByteLevelPreTokenizer.TYPE + "\" is not supported");
      }
      PreTokenizer read = PreTokenizers.read(json, step);
      if (read instanceof SequencePreTokenizer inner) {
        steps.addAll(inner.steps());
      } else {
        steps.add(read);
      }
    }
    if (steps.isEmpty()) {
      throw json.problem(path + ".pretokenizers", "no steps");
    }
    return new SequencePreTokenizer(List.copyOf(steps));
  }

  @Override
  public PieceScanner scanner() {
    if (steps.equals(SMOLLM)) {
      return new Gpt2Scanner(true);
    }
    PieceScanner scanner = null;
    for (PreTokenizer step : steps) {
      if (scanner == null) {
        scanner = step.scanner();
      } else if (!(step instanceof ByteLevelPreTokenizer bytes && bytes.changesNothing())) {
        scanner = new ChainScanner(scanner, step.scanner());
      }
    }
    return scanner;
  }
}
