package dev.lanewise.trainer.reliability;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.trainer.fixture.Pipe;
import dev.lanewise.trainer.run.metrics.InvalidMetricsException;
import dev.lanewise.trainer.run.metrics.MetricsLog;
import dev.lanewise.trainer.settings.ConfigYaml;
import dev.lanewise.trainer.settings.InvalidConfigException;
import dev.lanewise.trainer.text.TokenizerFolder;
import dev.lanewise.trainer.text.token.InvalidTokenFileException;
import dev.lanewise.trainer.text.token.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A folder or a pipe in the place of a file: an error that names it, and no waiting. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NotAFileTest {

  @TempDir private Path folder;

  /** What reads files from elsewhere; checkpoints and weights have tests of their own. */
  enum Reader {
    TOKENIZER("tokenizer.json", InvalidFileException.class) {
      @Override
      void read(Path file) throws IOException {
        TokenizerFolder.load(file.getParent());
      }
    },
    VOCABULARY("vocab.json", InvalidFileException.class) {
      @Override
      void read(Path file) throws IOException {
        TokenizerFolder.load(file.getParent());
      }
    },
    CONFIGURATION("my.yaml", InvalidConfigException.class) {
      @Override
      void read(Path file) throws IOException {
        ConfigYaml.read(file);
      }
    },
    TOKENS("ids.tokens", InvalidTokenFileException.class) {
      @Override
      void read(Path file) throws IOException {
        TokenFile.open(file).close();
      }
    },
    METRICS("metrics.jsonl", InvalidMetricsException.class) {
      @Override
      void read(Path file) throws IOException {
        MetricsLog.open(file, 3, w -> {}).close();
      }
    },
    NEW_METRICS("metrics.jsonl", InvalidMetricsException.class) {
      @Override
      void read(Path file) throws IOException {
        MetricsLog.open(file, 0, w -> {}).close();
      }
    };

    private final String name;
    private final Class<? extends Exception> refusal;

    Reader(String name, Class<? extends Exception> refusal) {
      this.name = name;
      this.refusal = refusal;
    }

    abstract void read(Path file) throws IOException;

    void requireRefused(Path file) {
      assertThatThrownBy(() -> read(file))
          .isInstanceOf(refusal)
          .hasMessageContainingAll(file.toString(), "not a regular file");
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFolderIsRefused(Reader reader) throws IOException {
    reader.requireRefused(Files.createDirectory(folder.resolve(reader.name)));
  }

  @ParameterizedTest
  @EnumSource
  void aPipeIsRefused(Reader reader) throws Exception {
    Path pipe = folder.resolve(reader.name);
    Pipe.make(pipe);
    reader.requireRefused(pipe);
  }
}
