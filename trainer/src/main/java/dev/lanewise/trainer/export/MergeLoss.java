package dev.lanewise.trainer.export;

import dev.lanewise.engine.tensor.FloatTensor;
import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.Encoding;
import dev.lanewise.model.memory.Adaptation;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * What is lost of a merged adapter when weights are rounded: where the rounding of a matrix is
 * larger than what was added to it, little is left of the training.
 */
final class MergeLoss {

  private static final int Q8_BLOCK = 32;
  private static final int Q8_LEVELS = 127;

  private MergeLoss() {}

  /** Returns the names of the weights of which an encoding would erase what was added. */
  static Set<String> erasing(ExportedModel model, Encoding encoding) {
    Set<String> erased = new TreeSet<>();
    if (model.merged() == null || encoding == Encoding.F32) {
      return erased;
    }
    Adaptation adaptation = model.merged().adaptation();
    for (Adaptation.Part part : adaptation.parts(model.merged().adapters().layout())) {
      FloatTensor weight = model.weights().tensor(part.weight().name());
      double change = change(model.merged(), part);
      if (change > 0 && rounding(weight, part, encoding) > change) {
        erased.add(part.weight().name());
      }
    }
    return erased;
  }

  /** Tells of that where a file has one encoding for all. */
  static void tell(ExportedModel model, Encoding encoding, Consumer<String> notes) {
    int erased = erasing(model, encoding).size();
    if (erased > 0) {
      notes.accept(
          "in %s the rounding to %s is larger than what was trained; --dtype f32 keeps it"
              .formatted(Counted.of(erased, "matrix", "matrices"), encoding.id()));
    }
  }

  /** The sum of the squares of what was added. */
  private static double change(ExportedModel.Merged merged, Adaptation.Part part) {
    int rank = merged.adaptation().rank();
    FloatTensor down = merged.adapters().tensor(part.down());
    FloatTensor up = merged.adapters().tensor(part.up());
    int columns = part.down().rowSize();
    double sum = 0;
    // The sum of squares of A Bᵀ is that of the products of what AᵀA and BᵀB have in each place.
    for (int r = 0; r < rank; r++) {
      for (int s = 0; s < rank; s++) {
        double ofDown = 0;
        for (int i = 0; i < part.down().shape().dimension(0); i++) {
          int row = i * columns + part.part() * rank;
          ofDown += (double) down.get(row + r) * down.get(row + s);
        }
        double ofUp = 0;
        for (int j = 0; j < part.columns().count(); j++) {
          ofUp += (double) up.get(j * rank + r) * up.get(j * rank + s);
        }
        sum += ofDown * ofUp;
      }
    }
    double scale = merged.adaptation().scale();
    return scale * scale * sum;
  }

  /** The sum of the squares of what rounding is expected to change: of a step a twelfth each. */
  private static double rounding(FloatTensor weight, Adaptation.Part part, Encoding encoding) {
    int columns = part.weight().rowSize();
    int rows = part.weight().size() / columns;
    double sum = 0;
    for (int j = part.columns().from(); j < part.columns().from() + part.columns().count(); j++) {
      // A row of the file is a column of ours.
      for (int from = 0; from < rows; from += Q8_BLOCK) {
        int to = Math.min(rows, from + Q8_BLOCK);
        float largest = 0;
        double ofEach = 0;
        for (int i = from; i < to; i++) {
          float value = Math.abs(weight.get(i * columns + j));
          largest = Math.max(largest, value);
          double step = step(value, encoding);
          ofEach += step * step;
        }
        double block = largest / Q8_LEVELS;
        sum += encoding == Encoding.Q8_0 ? (to - from) * block * block : ofEach;
      }
    }
    return sum / 12;
  }

  /** The distance of neighbours at a value: of bf16 with 8 bits, of f16 with 11. */
  private static double step(float value, Encoding encoding) {
    return Math.ulp(value) * (double) (encoding == Encoding.BF16 ? 1 << 16 : 1 << 13);
  }
}
