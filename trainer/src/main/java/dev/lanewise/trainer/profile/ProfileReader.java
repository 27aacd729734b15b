package dev.lanewise.trainer.profile;

import dev.lanewise.model.io.Counted;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.profile.Profile.Machine;
import dev.lanewise.trainer.profile.Profile.Outside;
import dev.lanewise.trainer.profile.Profile.Row;
import dev.lanewise.trainer.profile.Profile.Steps;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;

/**
 * Reads a recording twice: for its steps, and for what happened within them. Events of several
 * threads are in no order, and there may be more of them than memory.
 */
public final class ProfileReader {

  /** How long the compiler is given at the beginning, unless that is most of the recording. */
  private static final long WARM_UP_NANOS = 6_000_000_000L;

  private static final Pattern BRAND = Pattern.compile("Brand: (.*?)(?:, Vendor|\\?|$)");

  private final Path file;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Key, Sum> layers = new HashMap<>();
  private final Set<Long> threads = new HashSet<>();
  private final Sum shards = new Sum();
  private final Sum reduction = new Sum();
  private final Sum optimizer = new Sum();
  private final Sum evaluation = new Sum();
  private final Sum checkpoint = new Sum();
  private Machine told = new Machine(0, 0, null, null);
  private String processor;
  private boolean lost;

  private record Step(long start, long end, long number, long tokens) {}

  private record Key(String layer, String direction, String kernel) {}

  /** What events of one kind come to. */
  private static final class Sum {
    private int count;
    private long nanoseconds;
    private long waited;
    private long flops;
    private long bytes;
    private long first = Long.MAX_VALUE;

    void add(RecordedEvent event) {
      count++;
      nanoseconds += event.getDuration().toNanos();
      waited += number(event, "waited");
      flops += number(event, "flops");
      bytes += number(event, "bytes");
      first = Math.min(first, nanoseconds(event.getStartTime()));
    }
  }

  private ProfileReader(Path file) {
    this.file = file;
  }

  /**
   * Reads a recording.
   *
   * @param skip how many steps at the beginning to leave out; if empty, those of the first seconds,
   *     in which code is compiled
   * @throws InvalidRecordingException if it is no recording of training, or is damaged
   * @throws IOException if the system does not let us read it
   * @throws IllegalArgumentException if no step would be left
   */
  public static Profile read(Path file, OptionalInt skip) throws IOException {
    Chunks.requireWhole(file);
    return new ProfileReader(file).read(skip);
  }

  private Profile read(OptionalInt skip) throws IOException {
    forEach(file, this::readAround);
    if (steps.isEmpty()) {
      throw new InvalidRecordingException(
          file, "no step of Lanewise is recorded in it; `lanewise train --profile` records some");
    }
    steps.sort(Comparator.comparingLong(Step::start));
    int leftOut = skip.orElse(warmUp());
    if (leftOut >= steps.size()) {
      throw new IllegalArgumentException(
          "--skip %d leaves none of the %s in %s"
              .formatted(leftOut, Counted.of(steps.size(), "step"), file));
    }
    steps.subList(0, leftOut).clear();
    if (wall() <= 0) {
      throw new InvalidRecordingException(file, "damaged: its steps take no time; record again");
    }
    forEach(file, this::readWithin);
    return profile(leftOut);
  }

  /** The time of the steps, in nanoseconds. */
  private long wall() {
    return steps.stream().mapToLong(step -> step.end - step.start).sum();
  }

  /** At most half of the steps. */
  private int warmUp() {
    long warm = steps.getFirst().start + WARM_UP_NANOS;
    int count = 0;
    while (count < steps.size() / 2 && steps.get(count).start < warm) {
      count++;
    }
    return count;
  }

  /**
   * The JDK's reader answers damage with whatever it comes upon, an InternalError among others, and
   * a disk that fails with what it may also say of damage.
   */
  static void forEach(Path file, Consumer<RecordedEvent> action) throws IOException {
    try (RecordingFile recording = new RecordingFile(file)) {
      while (recording.hasMoreEvents()) {
        action.accept(recording.readEvent());
      }
    } catch (OutOfMemoryError e) {
      throw e;
    } catch (IOException | RuntimeException | Error e) {
      requireReadable(file);
      throw new InvalidRecordingException(
          file, "damaged, and cannot be read; copy it again, or record again", e);
    }
  }

  private static void requireReadable(Path file) throws IOException {
    try (InputStream in = RegularFile.open(file)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
  }

  private void readAround(RecordedEvent event) {
    switch (event.getEventType().getName()) {
      case "lanewise.Step" ->
          steps.add(
              new Step(
                  nanoseconds(event.getStartTime()),
                  nanoseconds(event.getEndTime()),
                  event.getLong("step"),
                  event.getLong("tokens")));
      case "lanewise.Machine" ->
          told =
              new Machine(
                  event.getInt("threads"),
                  event.getDouble("peakGigaflops"),
                  text(event, "kernels"),
                  null);
      case "lanewise.Evaluate" -> evaluation.add(event);
      case "lanewise.Checkpoint" -> checkpoint.add(event);
      case "jdk.CPUInformation" -> processor = brand(text(event, "description"));
      case "jdk.DataLoss" -> lost = true;
      default -> {
        // Others say nothing about steps.
      }
    }
  }

  private void readWithin(RecordedEvent event) {
    String name = event.getEventType().getName();
    if (!name.startsWith("lanewise.") || !isWithinAStep(event)) {
      return;
    }
    switch (name) {
      case "lanewise.Layer" -> {
        threads.add(event.getThread() == null ? 0 : event.getThread().getId());
        Key key = new Key(text(event, "layer"), text(event, "direction"), text(event, "kernel"));
        layers.computeIfAbsent(key, any -> new Sum()).add(event);
      }
      case "lanewise.Shard" -> shards.add(event);
      case "lanewise.Reduce" -> reduction.add(event);
      case "lanewise.Optimizer" -> optimizer.add(event);
      default -> {
        // The step itself.
      }
    }
  }

  private boolean isWithinAStep(RecordedEvent event) {
    long start = nanoseconds(event.getStartTime());
    int low = 0;
    int high = steps.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (steps.get(middle).start <= start) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low > 0 && start <= steps.get(low - 1).end;
  }

  private Profile profile(int leftOut) {
    int workers = told.threads() > 0 ? told.threads() : Math.max(1, threads.size());
    long wall = wall();
    Steps read =
        new Steps(
            steps.getFirst().number,
            steps.getLast().number,
            steps.size(),
            leftOut,
            wall / 1e6 / steps.size(),
            steps.getLast().tokens);
    Outside outside =
        new Outside(
            evaluation.count,
            evaluation.nanoseconds / 1e6,
            checkpoint.count,
            checkpoint.nanoseconds / 1e6);
    Machine machine = new Machine(workers, told.peakGigaflops(), told.kernels(), processor);
    return new Profile(read, machine, rows(workers, wall * workers), outside, warnings());
  }

  /** All threads are at the reduction and at the optimizer; these have no shards then. */
  private List<Row> rows(int workers, long threadTime) {
    List<Row> rows = new ArrayList<>();
    long inLayers = 0;
    List<Map.Entry<Key, Sum>> inOrder =
        layers.entrySet().stream()
            .sorted(Comparator.comparingLong(entry -> entry.getValue().first))
            .toList();
    for (Map.Entry<Key, Sum> entry : inOrder) {
      Key key = entry.getKey();
      Sum sum = entry.getValue();
      rows.add(row(key.layer, key.direction, key.kernel, sum, 1));
      inLayers += sum.nanoseconds;
    }
    // Recordings of older versions have one event of a shard for all of its threads.
    long between = Math.max(0, shards.nanoseconds - inLayers);
    Row reduce = row("reduce gradients", "", "reduction", reduction, workers);
    Row update = row("update weights", "", "optimizer, packing", optimizer, workers);
    rows.add(reduce);
    rows.add(update);
    rows.add(new Row(Profile.BETWEEN_LAYERS, "", "", between, 0, 0, 0));
    long idle = threadTime - inLayers - between - reduce.nanoseconds() - update.nanoseconds();
    rows.add(new Row(Profile.IDLE, "", "", Math.max(0, idle), 0, 0, 0));
    return rows;
  }

  private static Row row(String name, String direction, String kernel, Sum sum, int threads) {
    return new Row(
        name, direction, kernel, sum.nanoseconds * threads, sum.waited, sum.flops, sum.bytes);
  }

  private List<String> warnings() {
    return Stream.of(
            lost
                ? "the flight recorder lost events, so some times are too small; record fewer steps"
                : null,
            told.peakGigaflops() > 0
                ? null
                : "the recording does not say what the peak of its machine is",
            layers.isEmpty() ? "no layers are recorded (the event lanewise.Layer)" : null)
        .filter(warning -> warning != null)
        .toList();
  }

  /** As the JDK writes it: "Brand: NAME, Vendor: ..." and much more. */
  private static String brand(String description) {
    Matcher found = BRAND.matcher(description);
    return found.find() ? found.group(1).strip() : null;
  }

  /** A name that may be shown; empty if there is none. */
  private static String text(RecordedEvent event, String field) {
    String text = event.hasField(field) ? event.getString(field) : null;
    return text == null ? "" : InvalidFileException.quote(text);
  }

  private static long number(RecordedEvent event, String field) {
    return event.hasField(field) ? event.getLong(field) : 0;
  }

  private static long nanoseconds(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }
}
