package dev.lanewise.trainer.optim;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The kinds of optimizer that settings can name. */
public final class Optimizers {

  /** Those that we have. */
  public static final Optimizers STANDARD = new Optimizers(List.of(new AdamW.Kind()));

  private final List<OptimizerKind> all;

  private Optimizers(List<OptimizerKind> all) {
    this.all = List.copyOf(all);
  }

  /** Returns these and one more. */
  public Optimizers with(OptimizerKind kind) {
    List<OptimizerKind> more = new ArrayList<>(all);
    more.add(kind);
    return new Optimizers(more);
  }

  /**
   * Returns the kind of that name.
   *
   * @throws IllegalArgumentException that lists the names there are
   */
  public OptimizerKind named(String id) {
    return all.stream()
        .filter(kind -> kind.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "--optimizer %s: there is no such optimizer; there are %s"
                        .formatted(
                            id,
                            all.stream()
                                .map(OptimizerKind::id)
                                .collect(Collectors.joining(", ")))));
  }
}
