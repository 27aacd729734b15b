package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.files.FileDigest;
import dev.lanewise.trainer.run.checkpoint.CheckpointCatalog;
import dev.lanewise.trainer.settings.ConfigYaml;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs that an older version left: they open, generate, and resume to the bits they had then. */
class OlderRunsTest {

  private static final Path FOLDERS = Path.of("src", "test", "resources");

  @TempDir private Path folder;

  /** A run, and what a resumption to 60 steps makes of it. */
  enum Run {
    CHARACTERS(
        "run-v2",
        "run-char",
        "62662c36e95204ad7f4a0a88283bccb3b0cc6c7a8209d68243ab995f8f18fa74",
        "e4252533cca99d120c8edf92df2d4220550d65015dc4f23d693ef6d169678270",
        "the lmsfaeSdygUDcB\npv;!KrkgPsaUnRnov eTsfeWjgOtgnI&u itcsq nNwkY,\n",
        List.of(
            "4.115398736670613", "3.686699095647782", "3.6923312772996724", "3.511178456246853")),
    BYTE_PAIRS(
        "run-v2",
        "run-bpe",
        "eca14928ebb4571e838e7b8820e3ad2dc1823b7a6c344766d5e7d856b1180401",
        "4f0d8f9fc94e4603b3a35c32ecc1e217a782f58c02868f441fdf58b630a2b8cb",
        "the MENENIUSar d his\ufffd\ufffd\ufffd\u0019 but\ufffd\ufffdx\nl(ution_B\ufffd have",
        List.of(
            "5.997941542416811", "5.897484336048365", "5.909674871712923", "5.817078744992614")),
    LLAMA(
        "run-v3",
        "run-llama",
        "68c9288486259575373e5f29d384c5ac2e843267022f487ce09e70ae92f768fe",
        "621e283663af8600dc29674f12d36184a310a383323617cab950f1126a9717ef",
        "the  p\u0016\u0017ou\ufffd\ufffd\ufffd\ufffd\ufffdve\ufffdd\ufffd\\&\ufffdhatP:x",
        List.of(
            "5.681859947741032", "5.668676219880581", "5.655881181359291", "5.481473945081234")),
    TUNED(
        "run-v3",
        "run-from",
        "6e9c28bfa8d9e014b43d3a101b504e2cb378f0d72e7fa561bd0b674a5ef22e7b",
        "3345c19ccdd0b135578096724c35f3dd822f4bc38687b5d133597afe2b8ece4a",
        "the ar\u001f\u0018\ufffd\ufffd\ufffd\ufffd\ufffdno\ufffd\ufffdf\ufffd[&\ufffderP9",
        List.of(
            "5.661663815379143", "5.362021706998348", "5.398082338273525", "5.290773577988148")),
    TABLES(
        "run-v4",
        "run-tables",
        "b827afdef57654b511167a50ab187fd39df154dbb8d08de3597db3b52634e9ce",
        "7d870c1ee7244d90c920f35f62eb859d62f7e4c811ff5b89eda9c90947d5dad5",
        "the kksdSbOYzcPCVB pw?,HqheMsTOmNjmw!YPrdcPgeLudkF,v!fuWsp mJxhT.\n",
        List.of(
            "4.060442924499512", "3.8970550149679184", "3.9068220108747482", "3.814965132623911"));

    private final String format;
    private final String name;
    private final String model;
    private final String optimizer;
    private final String generated;

    // List.of, which the checker cannot see.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> losses;

    Run(
        String format,
        String name,
        String model,
        String optimizer,
        String generated,
        List<String> losses) {
      this.format = format;
      this.name = name;
      this.model = model;
      this.optimizer = optimizer;
      this.generated = generated;
      this.losses = losses;
    }

    Path text() {
      return FOLDERS.resolve(format).resolve("text.txt");
    }

    Path copyInto(Path folder) throws IOException {
      Path from = FOLDERS.resolve(format).resolve(name);
      Path to = folder.resolve(name);
      try (Stream<Path> all = Files.walk(from)) {
        for (Path path : all.toList()) {
          Files.copy(path, to.resolve(from.relativize(path).toString()));
        }
      }
      return to;
    }
  }

  @ParameterizedTest
  @EnumSource
  void opensWithTheSettingsOfItsTime(Run run) throws IOException {
    Path copy = run.copyInto(folder);
    CheckpointCatalog.Search search = new CheckpointCatalog(copy).newest();

    assertThat(search.damaged()).isEmpty();
    assertThat(search.found().state().step()).isEqualTo(30);
    assertThat(search.found().state().settings())
        .isEqualTo(ConfigYaml.read(copy.resolve("config.yaml")).toSettings());
  }

  /** Of all tokens, from which texts were drawn without options then. */
  @ParameterizedTest
  @EnumSource
  void generates(Run run) throws IOException {
    CommandRun generated =
        CommandRun.of(
            "generate",
            "--model",
            run.copyInto(folder).toString(),
            "--prompt",
            "the ",
            "--seed",
            "3",
            "--top-p",
            "1");

    generated.requireSuccess();
    assertThat(generated.out()).startsWith(run.generated);
  }

  @ParameterizedTest
  @EnumSource
  void resumesToTheSameBits(Run run) throws IOException {
    Path copy = run.copyInto(folder);
    CommandRun resumed =
        CommandRun.of(
            "train",
            "--resume",
            "--out",
            copy.toString(),
            "--data",
            run.text().toString(),
            "--steps",
            "60");

    resumed.requireSuccess();
    Path last = copy.resolve("checkpoints/step-000060");
    assertThat(FileDigest.of(last.resolve("model.safetensors")).sha256()).isEqualTo(run.model);
    assertThat(FileDigest.of(last.resolve("optimizer.state")).sha256()).isEqualTo(run.optimizer);
    // Whatever the former checkpoints called it, the new one holds one model file.
    try (Stream<Path> files = Files.list(last)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .filteredOn(name -> name.endsWith(".safetensors"))
          .containsExactly("model.safetensors");
    }
    String metrics = Files.readString(copy.resolve("metrics.jsonl"));
    long[] steps = {0, 29, 30, 59};
    for (int i = 0; i < steps.length; i++) {
      assertThat(metrics)
          .contains(
              "{\"type\":\"step\",\"step\":%d,\"loss\":%s,".formatted(steps[i], run.losses.get(i)));
    }
  }
}
