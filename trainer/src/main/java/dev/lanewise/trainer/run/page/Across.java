package dev.lanewise.trainer.run.page;

/** What a chart goes across, from its left to its right. */
public record Across(Quantity quantity, double from, double to) {

  /** What columns can be placed by. */
  public enum Quantity {
    /** Updates before the value was found. */
    STEPS("step", "steps", true),
    /** Targets that those updates had. */
    TOKENS("tokens", "tokens", false),
    /** Time that those updates took. */
    SECONDS("seconds", "seconds", false);

    private final String label;
    private final String plural;
    private final boolean counted;

    Quantity(String label, String plural, boolean counted) {
      this.label = label;
      this.plural = plural;
      this.counted = counted;
    }

    /** Returns what stands before a value. */
    String label() {
      return label;
    }

    /** Returns the name in a sentence. */
    public String plural() {
      return plural;
    }

    /** Whether what lies between two whole numbers has no meaning. */
    boolean isCounted() {
      return counted;
    }
  }

  /** Steps of a run, counted from 0. */
  public static Across steps(double from, double to) {
    return new Across(Quantity.STEPS, from, to);
  }

  /** Returns a place as scripts read it. */
  String format(double place) {
    return quantity.counted ? Figures.step(place) : Figures.exact(place);
  }
}
