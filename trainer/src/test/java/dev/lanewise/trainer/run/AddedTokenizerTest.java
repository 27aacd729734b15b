package dev.lanewise.trainer.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.registry.Registry;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.RecordingListener;
import dev.lanewise.trainer.fixture.SmallRun;
import dev.lanewise.trainer.generate.SamplingOptions;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.text.TextSource;
import dev.lanewise.trainer.text.TokenizerChoice;
import dev.lanewise.trainer.text.TokenizerKind;
import dev.lanewise.trainer.text.TokenizerKinds;
import dev.lanewise.trainer.text.tokenizer.Fingerprint;
import dev.lanewise.trainer.text.tokenizer.HuggingFaceWriter;
import dev.lanewise.trainer.text.tokenizer.TokenEncoder;
import dev.lanewise.trainer.text.tokenizer.TokenSink;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A tokenizer that the program does not have, added by its classes and one registration: a model
 * with it is trained, killed, resumed to the same bits, loaded, and writes.
 */
class AddedTokenizerTest {

  private static final Registry<TokenizerKind> KINDS =
      TokenizerKinds.STANDARD.with(new BytesKind());

  @TempDir private Path folder;

  /** An id for each byte that the text has, the highest first. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Bytes(byte[] values) implements Tokenizer {

    @Override
    public int vocabularySize() {
      return values.length;
    }

    @Override
    public int[] encode(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      int[] ids = new int[bytes.length];
      for (int i = 0; i < ids.length; i++) {
        ids[i] = id(bytes[i]);
      }
      return ids;
    }

    private int id(byte value) {
      for (int id = 0; id < values.length; id++) {
        if (values[id] == value) {
          return id;
        }
      }
      throw new IllegalArgumentException("the text has no byte " + value);
    }

    @Override
    public TokenEncoder encoder(TokenSink sink) {
      return new TokenEncoder() {
        @Override
        public void write(byte[] utf8, int offset, int length) throws IOException {
          int[] ids = new int[length];
          for (int i = 0; i < length; i++) {
            ids[i] = id(utf8[offset + i]);
          }
          sink.accept(ids, length);
        }

        @Override
        public void finish() {
          // Nothing is held back.
        }
      };
    }

    @Override
    public byte[] tokenBytes(int id) {
      return new byte[] {values[id]};
    }

    @Override
    public byte[] decodeBytes(int[] ids, int from, int to) {
      byte[] bytes = new byte[to - from];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = values[ids[from + i]];
      }
      return bytes;
    }

    @Override
    public String fingerprint() {
      Fingerprint sum = new Fingerprint("bytes");
      for (byte value : values) {
        sum.add(value);
      }
      return sum.hex();
    }

    @Override
    public void save(Path to) throws IOException {
      Files.createDirectories(to);
      HuggingFaceWriter.writeTokenizer(
          to,
          List.of(),
          json -> json.writeStringField("type", "None"),
          json -> json.writeStringField("type", "Fuse"),
          json -> {
            json.writeStringField("type", "Bytes");
            json.writeObjectFieldStart("vocab");
            for (int id = 0; id < values.length; id++) {
              json.writeNumberField(Byte.toString(values[id]), id);
            }
            json.writeEndObject();
          });
      HuggingFaceWriter.writeConfig(to, null);
    }
  }

  private record BytesOfTheText() implements TokenizerChoice {

    @Override
    public String settings() {
      return "bytes of the text";
    }

    @Override
    public Tokenizer tokenizerFor(TextSource text, Progress progress) throws IOException {
      BitSet seen = new BitSet();
      text.copyTo(
          (bytes, offset, length) -> {
            for (int i = offset; i < offset + length; i++) {
              seen.set(bytes[i] & 0xff);
            }
          });
      byte[] values = new byte[seen.cardinality()];
      int id = values.length;
      for (int value : seen.stream().toArray()) {
        values[--id] = (byte) value;
      }
      return new Bytes(values);
    }
  }

  private static final class BytesKind implements TokenizerKind {

    @Override
    public String id() {
      return "bytes";
    }

    @Override
    public String modelType() {
      return "Bytes";
    }

    @Override
    public Tokenizer read(TokenizerJson json, EndToken end) throws InvalidFileException {
      List<String> tokens = json.vocabulary().tokens();
      byte[] values = new byte[tokens.size()];
      for (int id = 0; id < values.length; id++) {
        values[id] = Byte.parseByte(tokens.get(id));
      }
      return new Bytes(values);
    }

    @Override
    public TokenizerChoice choice(int vocabulary) {
      return new BytesOfTheText();
    }

    @Override
    public int vocabularyBeforeTheText(int vocabulary) {
      return 1;
    }
  }

  private static SmallRun small(Path run) {
    return SmallRun.in(run)
        .with(ConfigKey.TOKENIZER, "bytes")
        .with(ConfigKey.CHECKPOINT_EVERY, 2L)
        .with(ConfigKey.SAMPLE_TOKENS, 30)
        .with(ConfigKey.PROMPT, "ö")
        .with(TextSource.of("a text", "ä day, ö night, ü dawn. ".repeat(40)));
  }

  private static TrainingRun.Outcome train(SmallRun run, TrainingListener listener)
      throws IOException {
    return new TrainingRun(run.options(), listener).withTokenizers(KINDS).run();
  }

  @Test
  void trainsIsKilledAndResumesToTheSameBits() throws IOException {
    Path whole = folder.resolve("whole");
    train(small(whole), new RecordingListener());

    SmallRun killed = small(folder.resolve("killed"));
    assertThatThrownBy(
            () ->
                train(
                    killed,
                    RecordingListener.afterStep(
                        step -> {
                          if (step == 4) {
                            throw new IllegalStateException("killed");
                          }
                        })))
        .hasMessage("killed");
    train(killed.resumed(), new RecordingListener());

    for (String name : List.of("model.safetensors", "tokenizer.json")) {
      assertThat(Files.readAllBytes(last(killed.folder()).resolve(name)))
          .as(name)
          .isEqualTo(Files.readAllBytes(last(whole).resolve(name)));
    }
  }

  private static Path last(Path run) {
    return run.resolve("checkpoints/step-000006");
  }

  @Test
  void aSavedModelWritesWhatItWroteInTraining() throws IOException {
    Path run = folder.resolve("run");
    List<String> written = new ArrayList<>();
    RecordingListener listener =
        new RecordingListener() {
          @Override
          public void onSample(long completedSteps, String text) {
            written.add(text);
          }
        };
    train(small(run), listener);

    try (WorkerPool pool = new WorkerPool(1)) {
      KnownModel known = KnownModel.in(last(run), KINDS, Progress.SILENT);
      assertThat(known.tokenizer().vocabularySize()).isEqualTo(16);
      int[] ids = known.tokenizer().encode("ü day");
      assertThat(Arrays.stream(ids).max().orElseThrow()).isLessThan(16);
      assertThat(known.tokenizer().decode(ids)).isEqualTo("ü day");

      StringBuilder text = new StringBuilder("ö");
      LoadedModel.forGeneration(
              known, ScalarKernels.create(), WeightPrecision.FILE, any -> {}, Progress.SILENT)
          .newGenerator(pool)
          .generate(
              "ö",
              30,
              SamplingOptions.seeded(small(run).layer().toSettings().step().seed()),
              () -> false,
              text::append);
      assertThat(text.toString()).isEqualTo(written.getLast());
    }
  }

  @Test
  void filesOfAKindThatIsNotRegisteredAreRefused() throws IOException {
    Path run = folder.resolve("run");
    train(small(run), new RecordingListener());
    assertThatThrownBy(() -> KnownModel.in(last(run), Progress.SILENT))
        .isInstanceOf(InvalidFileException.class)
        .hasMessageContainingAll("tokenizer.json", "Bytes", "BPE and WordLevel");
  }

  @Test
  void aNameThatIsNotRegisteredIsRefused() {
    SmallRun run = small(folder.resolve("run"));
    assertThatThrownBy(() -> run.train(new RecordingListener()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("bytes", "bpe, bpe-chat, char, gpt2");
  }
}
