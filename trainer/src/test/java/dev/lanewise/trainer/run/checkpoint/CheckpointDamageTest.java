package dev.lanewise.trainer.run.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.files.FileDigest;
import dev.lanewise.trainer.fixture.SmallModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableSet;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every damage to a file of a checkpoint is found; an enemy's files are refused or harmless. */
class CheckpointDamageTest {

  private static final SmallModel MODEL = SmallModel.ofCharacters();
  private static final int FLIPS_PER_FILE = 200;
  private static final int CUTS_PER_FILE = 60;
  private static final int FORGERIES_PER_FILE = 80;

  @TempDir Path run;

  private SmallModel model;
  private Path folder;
  private List<Path> files;

  static List<SmallModel> models() {
    return List.of(MODEL, SmallModel.ofBytePairs());
  }

  @BeforeEach
  void save() throws IOException {
    save(MODEL);
  }

  private void save(SmallModel saved) throws IOException {
    model = saved;
    try (RunLock lock = RunLock.acquire(run)) {
      folder = CheckpointStore.open(lock, 1).save(saved.snapshot(12, 10));
    }
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.sorted().toList();
    }
  }

  private void assertRefused(String damage) {
    assertThat(catchThrowable(() -> Checkpoint.open(folder)))
        .as(damage)
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(folder.toString());
  }

  @Test
  void theCheckpointHasTheFilesItShould() throws IOException {
    requireFiles("tokenizer.json", "tokenizer_config.json");
    save(SmallModel.ofBytePairs());
    requireFiles("merges.txt", "tokenizer.json", "tokenizer_config.json", "vocab.json");
  }

  private void requireFiles(String... ofTheTokenizer) {
    List<String> expected =
        new ArrayList<>(
            List.of(
                "config.json",
                "manifest.json",
                "model.safetensors",
                "optimizer.state",
                "trainer.json"));
    expected.addAll(List.of(ofTheTokenizer));
    assertThat(files.stream().map(file -> file.getFileName().toString()))
        .containsExactlyInAnyOrderElementsOf(expected);
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyTruncationIsFound(SmallModel of) throws IOException {
    save(of);
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      for (int length : cuts(whole.length)) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertRefused(file.getFileName() + " cut to " + length);
      }
      Files.write(file, Arrays.copyOf(whole, whole.length + 1));
      assertRefused(file.getFileName() + " with a byte more");
      Files.write(file, whole);
    }
    Checkpoint.open(folder);
  }

  /** Some lengths all over the file, and each one near both of its ends. */
  private static NavigableSet<Integer> cuts(int length) {
    NavigableSet<Integer> cuts = new TreeSet<>();
    for (int i = 0; i < CUTS_PER_FILE; i++) {
      cuts.add(i * (length / CUTS_PER_FILE));
    }
    for (int i = 0; i < 10; i++) {
      cuts.add(i);
      cuts.add(length - 1 - i);
    }
    return cuts;
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyFlippedBitIsFound(SmallModel of) throws IOException {
    save(of);
    Random random = new Random(1);
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      boolean all = file.endsWith(Manifest.NAME);
      int flips = all ? whole.length : Math.min(FLIPS_PER_FILE, whole.length);
      for (int flip = 0; flip < flips; flip++) {
        int at = all ? flip : random.nextInt(whole.length);
        byte[] damaged = whole.clone();
        damaged[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, damaged);
        assertRefused(file.getFileName() + ", byte " + at);
      }
      Files.write(file, whole);
    }
    Checkpoint.open(folder);
  }

  @ParameterizedTest
  @MethodSource("models")
  void everyMissingFileIsFound(SmallModel of) throws IOException {
    save(of);
    for (Path file : files) {
      byte[] whole = Files.readAllBytes(file);
      Files.delete(file);
      assertRefused(file.getFileName() + " deleted");
      Files.createDirectory(file);
      assertRefused(file.getFileName() + " a folder");
      Files.delete(file);
      Files.write(file, whole);
    }
  }

  /** With a manifest that fits, only the readers themselves stand between an enemy and us. */
  @ParameterizedTest
  @MethodSource("models")
  void forgedFilesAreRefusedOrHarmless(SmallModel of) throws IOException {
    save(of);
    Random random = new Random(2);
    int refused = 0;
    for (Path file : files) {
      if (file.endsWith(Manifest.NAME)) {
        continue;
      }
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < FORGERIES_PER_FILE; i++) {
        Files.write(file, forge(whole, random));
        sign();
        Throwable thrown = catchThrowable(this::readAll);
        if (thrown != null) {
          assertThat(thrown)
              .isInstanceOf(IOException.class)
              .hasMessageContaining(folder.toString());
          refused++;
        }
      }
      Files.write(file, whole);
    }
    assertThat(refused).isGreaterThan(3 * FORGERIES_PER_FILE);
  }

  private void readAll() throws IOException {
    Checkpoint checkpoint = Checkpoint.open(folder);
    checkpoint.readWeights(model.transformer());
    checkpoint.readState(model.newMoments());
  }

  private static byte[] forge(byte[] whole, Random random) {
    byte[] forged = whole.clone();
    // Where the JSON is, if the file is not all numbers.
    int at = random.nextInt(Math.min(forged.length, 2000));
    switch (random.nextInt(4)) {
      case 0 -> forged[at] = (byte) random.nextInt(256);
      case 1 -> forged = Arrays.copyOf(forged, at);
      case 2 -> forged[at] = (byte) ('0' + random.nextInt(10));
      default -> {
        int length = Math.min(1 + random.nextInt(20), forged.length - at);
        System.arraycopy(whole, random.nextInt(forged.length - length), forged, at, length);
      }
    }
    return forged;
  }

  private void sign() throws IOException {
    TreeMap<String, FileDigest> entries = new TreeMap<>();
    for (Path file : files) {
      if (!file.endsWith(Manifest.NAME)) {
        entries.put(file.getFileName().toString(), FileDigest.of(file));
      }
    }
    Files.write(folder.resolve(Manifest.NAME), new Manifest(entries).render());
  }

  private void forgeState(String from, String to) throws IOException {
    Path file = folder.resolve(StateFile.NAME);
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
    sign();
  }

  private void assertStateRefused(String from, String to, String... parts) throws IOException {
    Path file = folder.resolve(StateFile.NAME);
    byte[] whole = Files.readAllBytes(file);
    forgeState(from, to);
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContainingAll(parts);
    Files.write(file, whole);
  }

  @Test
  void eachFieldOfTheStateIsChecked() throws IOException {
    assertStateRefused("\"step\" : 12", "\"step\" : -1", "negative");
    assertStateRefused("\"step\" : 12", "\"step\" : 1.5", "state.step");
    assertStateRefused("\"step\" : 12", "\"step\" : 99999999999999999999", "state.step");
    assertStateRefused("\"step\" : 12", "\"step\" : " + "9".repeat(1000), "JSON");
    assertStateRefused("\"step\" : 12", "\"step\" : 12, \"step\" : 13", "uplicate");
    assertStateRefused("\"step\" : 12", "\"step\" : 12, \"leap\" : 13", "state.leap");
    assertStateRefused("\"step\" : 12,", "", "state.step", "missing");
    assertStateRefused("\"step\" : 10", "\"step\" : 13", "state", "after");
    assertStateRefused("\"step\" : 12", "\"step\" : " + "[".repeat(5000), "state.step", "list");
    assertStateRefused("\"clip\" : 1.0", "\"clip\" : 1e999", "state.settings.clip");
    assertStateRefused("\"clip\" : 1.0", "\"clip\" : NaN", "JSON");
    assertStateRefused("\"clip\" : 1.0", "\"clip\" : \"1\"", "state.settings.clip");
    assertStateRefused("\"biases\" : false", "\"biases\" : 0", "state.settings.biases");
    assertStateRefused("\"tokenizer\" : \"char\"", "\"tokenizer\" : \"X\"", "settings.tokenizer");
    assertStateRefused("\"d_model\" : 8", "\"d_model\" : 16", "state.settings", "config.json");
    assertStateRefused("\"heads\" : 2", "\"heads\" : 0", "state.settings", "heads");
    assertStateRefused(
        "\"format_version\" : 4", "\"format_version\" : 1", "format_version", "versions 2 to 5");
    assertStateRefused("\"skipped\" : 1", "\"skipped\" : 13", "state", "skipped");
    assertStateRefused("\"skippedInARow\" : 0", "\"skippedInARow\" : 2", "state", "skipped");
    assertStateRefused("\"skippedInARow\" : 0", "\"skippedInARow\" : -1", "state", "skipped");
    String fingerprint = MODEL.tokenizer().fingerprint();
    assertStateRefused(fingerprint, "0".repeat(64), "tokenizerFingerprint");
  }

  @Test
  void aStateFileWithoutEndIsNotRead() throws IOException {
    Path file = folder.resolve(StateFile.NAME);
    Files.writeString(file, Files.readString(file) + " ".repeat(StateFile.MAX_BYTES));
    sign();
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("larger than");
  }

  @Test
  void aManifestThatReachesOutOfTheFolderIsRefused() throws IOException {
    TreeMap<String, FileDigest> entries = new TreeMap<>();
    entries.put("../../run.lock", FileDigest.of(run.resolve(RunLock.FILE)));
    Files.write(folder.resolve(Manifest.NAME), new Manifest(entries).render());
    assertThatThrownBy(() -> Checkpoint.open(folder)).hasMessageContaining("plain file name");
  }

  @Test
  void aManifestThatLeavesAFileOutIsRefused() throws IOException {
    TreeMap<String, FileDigest> entries = new TreeMap<>();
    entries.put(StateFile.NAME, FileDigest.of(folder.resolve(StateFile.NAME)));
    Files.write(folder.resolve(Manifest.NAME), new Manifest(entries).render());
    assertThatThrownBy(() -> Checkpoint.open(folder))
        .hasMessageContaining("files.model.safetensors");
  }
}
