package dev.lanewise.trainer.profile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.Team;
import dev.lanewise.engine.profile.LayerEvent;
import dev.lanewise.engine.profile.LayerWork;
import dev.lanewise.engine.profile.StepEvent;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import jdk.jfr.Event;
import jdk.jfr.Name;
import jdk.jfr.Recording;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is no recording of training is refused by name, and never read wrongly or for ever. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedRecordingTest {

  private static final int STEPS = 3;

  private Path folder;
  private byte[] good;

  @BeforeAll
  void record(@TempDir Path temporary) throws IOException {
    folder = temporary;
    Path file = folder.resolve("good.jfr");
    try (ProfileRecording recording = new ProfileRecording(file)) {
      recording.start();
      takeSteps();
    }
    good = Files.readAllBytes(file);
  }

  private static void takeSteps() {
    LayerWork work = LayerWork.products("layers.0.attention.qkv", LayerWork.FORWARD, "matmul", 1);
    for (int step = 0; step < STEPS; step++) {
      StepEvent event = StepEvent.start();
      for (int i = 0; i < 20; i++) {
        LayerEvent.end(LayerEvent.start(Team.alone().member(0)), work, 10);
      }
      StepEvent.end(event, step, 1, 64);
    }
  }

  private Profile read(byte[] content) throws IOException {
    return ProfileReader.read(Files.write(folder.resolve("read.jfr"), content), OptionalInt.of(0));
  }

  @Test
  void theWholeRecordingIsRead() throws IOException {
    Profile profile = read(good);
    assertThat(profile.steps().count()).isEqualTo(STEPS);
    assertThat(profile.total().flops()).isEqualTo(STEPS * 20 * 10);
  }

  @ParameterizedTest
  @CsvSource({"0", "3", "60", "68", "1000", "-1"})
  void aRecordingThatWasCutShortIsRefused(int end) {
    byte[] cut = Arrays.copyOf(good, end < 0 ? good.length + end : end);
    assertThatThrownBy(() -> read(cut))
        .isInstanceOf(InvalidRecordingException.class)
        .hasMessageStartingWith(folder.resolve("read.jfr") + ": ")
        .hasMessageMatching("(?s).*(cut short|not a recording of the flight recorder).*");
  }

  @Test
  void whatFollowsAWholeRecordingIsDamage() {
    byte[] more = Arrays.copyOf(good, good.length + 100);
    assertThatThrownBy(() -> read(more)).hasMessageContaining("damaged");
  }

  /** Chunks of a JVM that was killed say that they have no length. */
  @Test
  void anUnfinishedRecordingIsRefused() {
    byte[] unfinished = good.clone();
    Arrays.fill(unfinished, 8, 16, (byte) 0);
    assertThatThrownBy(() -> read(unfinished))
        .isInstanceOf(InvalidRecordingException.class)
        .hasMessageContaining("not complete: its JVM still writes it, or was killed");
  }

  @Test
  void textIsNoRecording() {
    assertThatThrownBy(() -> read("{\"step\": 1}\n".repeat(50).getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(InvalidRecordingException.class)
        .hasMessageContaining("not a recording of the flight recorder (JFR)");
  }

  @Test
  void aFolderAndNothingAreNoRecordings() {
    assertThatThrownBy(() -> ProfileReader.read(folder, OptionalInt.empty()))
        .isInstanceOf(InvalidRecordingException.class)
        .hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> ProfileReader.read(folder.resolve("none.jfr"), OptionalInt.empty()))
        .isInstanceOf(NoSuchFileException.class);
  }

  /** Steps as former versions recorded them: no work, no waiting, no machine. */
  @Test
  void aRecordingOfAFormerVersionHasTimesAndNoRates() throws IOException {
    Path file = folder.resolve("former.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      FormerStep step = new FormerStep();
      step.begin();
      FormerLayer layer = new FormerLayer();
      layer.begin();
      layer.layer = "head";
      layer.direction = "forward";
      layer.commit();
      step.step = 7;
      step.tokens = 64;
      step.commit();
      recording.stop();
      recording.dump(file);
    }
    Profile profile = ProfileReader.read(file, OptionalInt.empty());
    assertThat(profile.steps().first()).isEqualTo(7);
    assertThat(profile.machine().threads()).isEqualTo(1);
    assertThat(profile.total().flops()).isZero();
    assertThat(profile.byLayer()).extracting(Profile.Row::name).contains("head");
    assertThat(profile.warnings()).anyMatch(warning -> warning.contains("peak"));
  }

  @Name("lanewise.Step")
  static final class FormerStep extends Event {
    long step;
    double loss;
    int tokens;
  }

  @Name("lanewise.Layer")
  static final class FormerLayer extends Event {
    String layer;
    String direction;
  }

  @Test
  void aRecordingWithoutStepsSaysSo() throws IOException {
    Path file = folder.resolve("other.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      recording.stop();
      recording.dump(file);
    }
    assertThatThrownBy(() -> ProfileReader.read(file, OptionalInt.empty()))
        .isInstanceOf(InvalidRecordingException.class)
        .hasMessageContaining("no step of Lanewise is recorded in it")
        .hasMessageContaining("lanewise train --profile");
  }

  @Test
  void skippingAllStepsIsAnError() {
    assertThatThrownBy(() -> ProfileReader.read(folder.resolve("good.jfr"), OptionalInt.of(STEPS)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("--skip 3 leaves none of the 3 steps in " + folder);
  }

  /** Each byte of the headers, and some of all others: read, or refused by name. */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void damageAnywhereIsRefusedByNameOrDoesNoHarm() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    int refused = 0;
    for (int i = 0; i < 400; i++) {
      byte[] damaged = good.clone();
      int at = i < 68 ? i : random.nextInt(damaged.length);
      damaged[at] ^= (byte) (1 + random.nextInt(255));
      try {
        read(damaged);
      } catch (InvalidRecordingException e) {
        assertThat(e).hasMessageStartingWith(folder.resolve("read.jfr") + ": ");
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void controlCharactersInNamesAreNotShown() throws IOException {
    Path file = folder.resolve("names.jfr");
    try (ProfileRecording recording = new ProfileRecording(file)) {
      recording.start();
      StepEvent step = StepEvent.start();
      LayerWork work = LayerWork.floats("a\u001b[2Jb", LayerWork.FORWARD, "k\u0007", 1);
      LayerEvent.end(LayerEvent.start(Team.alone().member(0)), work, 1);
      StepEvent.end(step, 0, 1, 64);
    }
    Profile profile = ProfileReader.read(file, OptionalInt.empty());
    assertThat(ProfileText.of(profile, true)).contains("a?[2Jb", "k?").doesNotContain("\u001b");
  }

  /** The JDK's reader throws an InternalError at a type whose name is not an identifier. */
  @Test
  void anotherNameOfATypeIsDamage() {
    String text = new String(good, StandardCharsets.ISO_8859_1);
    byte[] renamed =
        text.replace("jdk.NativeLibraryLoad", "jdk.NatieLibraryLoad!")
            .getBytes(StandardCharsets.ISO_8859_1);
    assertThat(renamed).hasSameSizeAs(good).isNotEqualTo(good);
    assertThatThrownBy(() -> read(renamed))
        .isInstanceOf(InvalidRecordingException.class)
        .hasMessageContaining("damaged, and cannot be read; copy it again")
        .hasMessageNotContaining("InternalError");
  }

  @Test
  void memoryThatDoesNotSufficeIsNoDamage() {
    OutOfMemoryError full = new OutOfMemoryError("Java heap space");
    assertThatThrownBy(
            () ->
                ProfileReader.forEach(
                    folder.resolve("good.jfr"),
                    event -> {
                      throw full;
                    }))
        .isSameAs(full);
  }

  /** The JDK's reader takes what it cannot read for a recording that is damaged. */
  @Test
  @EnabledOnOs(value = OS.LINUX, disabledReason = "elsewhere no file is there that gives an error")
  void whatCannotBeReadIsNoDamage() {
    Path refusing = Path.of("/proc/self/mem");
    String problem = refusing + ": it cannot be read: ";
    assertThatThrownBy(() -> ProfileReader.read(refusing, OptionalInt.empty()))
        .hasMessageStartingWith(problem);
    assertThatThrownBy(() -> ProfileReader.forEach(refusing, event -> {}))
        .hasMessageStartingWith(problem);
    assertThatThrownBy(() -> ProfileReader.forEach(folder.resolve("gone.jfr"), event -> {}))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aRecordingThatCannotBeWrittenIsNamed() {
    Path nowhere = folder.resolve("nowhere").resolve("profile.jfr");
    ProfileRecording recording = new ProfileRecording(nowhere);
    recording.start();
    assertThatThrownBy(recording::close)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("the recording " + nowhere + " could not be written");
  }

  @Test
  void whatNeverBeganWritesNothing() throws IOException {
    Path file = folder.resolve("never.jfr");
    new ProfileRecording(file).close();
    assertThat(file).doesNotExist();
  }
}
