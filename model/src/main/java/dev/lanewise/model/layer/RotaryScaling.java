package dev.lanewise.model.layer;

/** How the frequencies of rotary positions are changed, so that a model sees longer contexts. */
public sealed interface RotaryScaling {

  /** Returns what becomes of a frequency, in radians per position. */
  double scale(double frequency);

  /** Frequencies as they are. */
  record None() implements RotaryScaling {
    @Override
    public double scale(double frequency) {
      return frequency;
    }
  }

  /** All positions moved closer together (Chen et al., 2023). */
  record Linear(double factor) implements RotaryScaling {
    @Override
    public double scale(double frequency) {
      return frequency / factor;
    }
  }

  /**
   * Llama 3's: waves longer than the original context by {@code lowFrequency} are stretched by the
   * factor, those shorter by {@code highFrequency} stay, and between the two it goes over smoothly.
   *
   * @param original positions that the model was first trained with
   */
  record Llama3(double factor, double lowFrequency, double highFrequency, double original)
      implements RotaryScaling {
    @Override
    public double scale(double frequency) {
      double waves = original * frequency / (2 * Math.PI);
      if (waves > highFrequency) {
        return frequency;
      }
      if (waves < lowFrequency) {
        return frequency / factor;
      }
      double smooth = (waves - lowFrequency) / (highFrequency - lowFrequency);
      return (1 - smooth) * frequency / factor + smooth * frequency;
    }
  }
}
