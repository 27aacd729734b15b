package dev.lanewise.trainer.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lanewise.trainer.fixture.Reports;
import dev.lanewise.trainer.fixture.Texts;
import dev.lanewise.trainer.progress.Phase;
import dev.lanewise.trainer.progress.Progress;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What preparing a text tells of its phases. */
class WatchedTextTest {

  private static final long MOST_IN_SILENCE = 1 << 20;

  @TempDir private Path folder;

  private Reports build(TextSource text, TokenizerChoice choice) throws IOException {
    Reports reports = new Reports();
    new CorpusBuilder(folder.resolve("data"), 8).build(text, choice, reports).close();
    return reports;
  }

  @Test
  void eachPhaseBeginsAtNothingAndEndsWithAll() throws IOException {
    TextSource text = TextSource.of("a text", Texts.SAMPLE.repeat(20));
    TokenizerChoice choice = new TokenizerChoice.BytePairs(300);
    assertThat(build(text, choice).phases())
        .containsExactly(
            Phase.READING, Phase.COUNTING, Phase.LEARNING, Phase.ENCODING, Phase.CHECKING);
    assertThat(build(text, choice).phases())
        .as("what is there is only compared")
        .containsExactly(Phase.READING, Phase.CHECKING);
  }

  /** Also where a source passes on all of it at once. */
  @Test
  void aLargeTextTellsAtLeastEveryMebibyte() throws IOException {
    TextSource text = TextSource.of("a text", "to be or not to be\n".repeat(200_000));
    Reports reports = build(text, new TokenizerChoice.BytePairs(260));
    for (Phase phase : List.of(Phase.READING, Phase.COUNTING, Phase.ENCODING, Phase.CHECKING)) {
      assertThat(reports.mostInSilence(phase)).as(phase.id()).isBetween(1L, MOST_IN_SILENCE);
    }
    assertThat(reports.of(Phase.READING).getFirst().total()).isEqualTo(3_800_000);
    assertThat(reports.mostInSilence(Phase.LEARNING)).isEqualTo(1);
  }

  /** A part of a text in smaller pieces is the same text. */
  @Test
  void watchingChangesNothing() throws IOException {
    TextSource text = TextSource.of("a text", "añ日😀\n".repeat(300_000));
    TextSource watched = text.watched(Progress.SILENT, Phase.READING, 0);
    assertThat(Texts.of(watched)).isEqualTo(Texts.of(text));
    assertThat(TextSummary.of(watched)).isEqualTo(TextSummary.of(text));
    assertThat(watched.description()).isEqualTo(text.description());
  }

  @Test
  void filesKnowHowLongTheyAreBeforeTheyAreRead() throws IOException {
    Path one = Files.writeString(folder.resolve("one.txt"), "one\r\n".repeat(1000));
    Path two = Files.writeString(folder.resolve("two.txt"), "two");
    TextSource files = TextFiles.of(List.of(one, two));
    assertThat(files.expectedBytes()).isEqualTo(5003);
    Reports reports = build(files, new TokenizerChoice.Characters());
    assertThat(reports.phases()).startsWith(Phase.READING);
    assertThat(reports.of(Phase.READING).getFirst().total()).isEqualTo(5003);
    assertThat(reports.of(Phase.READING).getLast().total())
        .as("line ends were cleaned")
        .isEqualTo(4003);
    Reports checked = new Reports();
    TextFiles.ofUsable(List.of(one, two), checked);
    assertThat(checked.phases()).containsExactly(Phase.CHECKING);
  }

  @Test
  void whatIsEncodedToMeasureItIsToldToo() throws IOException {
    CharacterTrainer trainer = new CharacterTrainer();
    trainer.write("to be");
    Reports reports = new Reports();
    TextSource text = TextSource.of("a text", "to be to be");
    CorpusBuilder.encode(
            text, trainer.train(), CorpusLayout.former(), folder.resolve("x.tokens"), reports)
        .close();
    assertThat(reports.phases()).containsExactly(Phase.ENCODING, Phase.CHECKING);
  }

  @Test
  void theSourcesOfTheJdkKnowAboutHowLongTheyAre() throws IOException {
    JdkSources sources = JdkSources.ofRunningJdk(JdkSources.Selection.CORE);
    TextSummary summary = TextSummary.of(sources);
    assertThat(sources.expectedBytes())
        .as("licences are among it")
        .isBetween(summary.bytes(), 2 * summary.bytes());
  }
}
