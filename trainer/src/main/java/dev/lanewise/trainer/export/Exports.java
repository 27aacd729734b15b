package dev.lanewise.trainer.export;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The forms in which models leave. */
public final class Exports {

  /** Those that we have. */
  public static final Exports STANDARD =
      new Exports(List.of(new HuggingFaceExport(), new GgufExport()));

  private final List<Export> all;

  private Exports(List<Export> all) {
    this.all = List.copyOf(all);
  }

  /** Returns these and one more. */
  public Exports with(Export export) {
    List<Export> more = new ArrayList<>(all);
    more.add(export);
    return new Exports(more);
  }

  /** Returns the form of a name, if there is one. */
  public Optional<Export> named(String id) {
    return all.stream().filter(export -> export.id().equals(id)).findFirst();
  }

  /** Returns the name of each, for messages. */
  public String names() {
    return all.stream().map(Export::id).collect(Collectors.joining(", "));
  }
}
