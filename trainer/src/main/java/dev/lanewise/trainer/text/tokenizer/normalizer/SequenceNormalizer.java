package dev.lanewise.trainer.text.tokenizer.normalizer;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.util.ArrayList;
import java.util.List;

/** Several normalizers one after another. */
record SequenceNormalizer(List<Normalizer> steps) implements Normalizer {

  static final String TYPE = "Sequence";

  /** Leaves text as it is. */
  static final Normalizer NONE = new SequenceNormalizer(List.of());

  private static final int MOST_STEPS = 16;

  static Normalizer read(TokenizerJson json, String path) throws InvalidFileException {
    List<Normalizer> steps = new ArrayList<>();
    for (int i = 0; ; i++) {
      String step = path + ".normalizers[" + i + "]";
      if (json.settingsUnder(step).isEmpty()) {
        return new SequenceNormalizer(List.copyOf(steps));
      }
      if (i == MOST_STEPS) {
        throw json.problem(step, "more than " + MOST_STEPS + " steps");
      }
      steps.add(Normalizers.read(json, step));
    }
  }

  @Override
  public String normalize(String text) {
    String normal = text;
    for (Normalizer step : steps) {
      normal = step.normalize(normal);
    }
    return normal;
  }

  @Override
  public TokenEncoder before(TokenEncoder next) {
    TokenEncoder encoder = next;
    for (Normalizer step : steps.reversed()) {
      encoder = step.before(encoder);
    }
    return encoder;
  }
}
