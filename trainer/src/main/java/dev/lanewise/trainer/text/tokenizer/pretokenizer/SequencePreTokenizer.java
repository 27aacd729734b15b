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
    for (String step : json.steps(path, "pretokenizers")) {
      if (steps.size() >= MOST_STEPS) {
        throw json.problem(step, "more than " + MOST_STEPS + " steps");
      }
      PreTokenizer read = PreTokenizers.read(json, step);
      if (PreTokenizers.makesBytes(read) && steps.stream().anyMatch(PreTokenizers::makesBytes)) {
        throw json.problem(
            step, "a second \"" + ByteLevelPreTokenizer.TYPE + "\" is not supported");
      }
      steps.add(read);
    }
    return new SequencePreTokenizer(List.copyOf(steps));
  }

  @Override
  public PieceScanner scanner() {
    if (steps.equals(SMOLLM)) {
      return new Gpt2Scanner(true);
    }
    PieceScanner scanner = null;
    boolean shown = false;
    for (PreTokenizer step : steps) {
      if (scanner == null) {
        scanner = step.scanner();
      } else if (!(step instanceof ByteLevelPreTokenizer bytes && bytes.changesNothing())) {
        PieceScanner inner = step.scanner();
        scanner = new ChainScanner(scanner, shown ? new ShownBytesScanner(inner) : inner);
      }
      shown |= PreTokenizers.makesBytes(step);
    }
    return scanner;
  }
}
