package dev.lanewise.trainer.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigCheckTest {
  private static Settings seedWith(ConfigKey key, String value) {
    return Preset.CHAPTER.layer().with(key, key.type().parse(value)).toSettings();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "VOCABULARY | 255 | --vocabulary 255 has to be from 256 to",
        "CONTEXT | 0 | --context 0 has to be from 1",
        "HEADS | 0 | --heads 0 has to be from 1",
        "HEADS | 7 | --d-model 128 is not divisible by --heads 7; take --d-model 126 or 133",
        "HEADS | 129 | take --d-model 129",
        "LAYERS | -1 | --layers -1 has to be from 1",
        "D_FF | 0 | --d-ff 0 has to be from 1",
        "DROPOUT | 1 | --dropout 1.0 has to be at least 0 and less than 1",
        "LOSS_TEMPERATURE | 0 | --loss-temperature 0.0 has to be from 0.1 to 10; 1 is the plain loss",
        "LOSS_TEMPERATURE | 11 | --loss-temperature 11.0 has to be from 0.1 to 10",
        "DROPOUT | -0.1 | --dropout -0.1 has to be at least 0",
        "BATCH | 0 | --batch 0 has to be from 1",
        "ACCUMULATION | 0 | --accumulation 0 has to be from 1",
        "ACCUMULATION | 10000000 | --accumulation 10000000 is too much",
        "SHARDS | 33 | --shards 33 is more than the 32 sequences of a batch",
        "SHARDS | -1 | --shards -1 has to be from 0",
        "STEPS | 0 | --steps 0 has to be at least 1",
        "STEPS | 100 | --warmup 100 has to be less than --steps 100; take --warmup 10",
        "WARMUP | -1 | --warmup -1 has to be at least 0",
        "LR | -1 | --lr -1.0 has to be from 1e-30 to 1e10, for example",
        "MIN_LR | 1 | --min-lr 1.0 has to be at most --lr 3e-4",
        "BETA1 | 1 | --beta1 1.0 has to be at least 0 and less than 1",
        "BETA2 | -1 | --beta2 -1.0 has to be at least 0 and less than 1",
        "EPSILON | 0 | --epsilon 0.0 has to be between",
        "WEIGHT_DECAY | -1 | --weight-decay -1.0 has to be 0 or from 1e-30 to 1e10; 0 turns",
        "CLIP | -1 | --clip -1.0 has to be 0 or from 1e-30 to 1e10; 0 turns it off",
        "DROPOUT | 0.99999999 | --dropout 0.99999999 has to be at least 0 and less than 1",
        "BETA1 | 0.99999999 | --beta1 0.99999999 has to be at least 0 and less than 1",
        "BETA2 | 0.99999999 | --beta2 0.99999999 has to be at least 0 and less than 1",
        "LR | 1e39 | --lr 1e39 has to be from",
        "LR | 1e-50 | --lr 1e-50 has to be from",
        "MIN_LR | 1e-50 | --min-lr 1e-50 has to be 0 or from",
        "WEIGHT_DECAY | 1e39 | --weight-decay 1e39 has to be 0 or from",
        "CLIP | 1e-50 | --clip 1e-50 has to be 0 or from",
        "CLIP | 1e39 | --clip 1e39 has to be 0 or from",
        "EVALUATE_EVERY | 0 | --evaluate-every 0 has to be at least 1",
        "CHECKPOINT_EVERY | 0 | --checkpoint-every 0 has to be at least 1",
        "MINUTES | -1 | --minutes -1.0 has to be 0 or from 1e-30 to 1e10; 0 goes by --steps",
        "DECAY_SHARE | 1 | --decay-share 1.0 has to be at least 0 and less than 1",
        "MUON_LR | 0 | --muon-lr 0.0 has to be from 1e-30 to 1e10, for example 0.02",
        "MOMENTUM | 1 | --momentum 1.0 has to be at least 0 and less than 1",
        "BETA2_HALF_LIFE | -1 | --beta2-half-life -1.0 has to be 0 or from",
        "KEEP | 0 | --keep 0 has to be at least 1",
        "SAMPLE_TOKENS | -1 | --sample-tokens -1 has to be from 0",
      })
  void namesTheOptionAndTheFix(ConfigKey key, String value, String message) {
    List<String> problems = seedWith(key, value).problems();

    assertThat(problems).hasSize(1);
    assertThat(problems.getFirst()).startsWith("--").contains(message);
  }

  /** A step of the preset has 4096 tokens. */
  @Test
  void halfOfAMeanIsKeptAfterSoManyTokens() {
    assertThat(seedWith(ConfigKey.BETA2, "0.98").beta2()).isEqualTo(0.98);
    assertThat(seedWith(ConfigKey.BETA2_HALF_LIFE, "4096").beta2()).isEqualTo(0.5);
    assertThat(seedWith(ConfigKey.BETA2_HALF_LIFE, "8192").beta2())
        .isCloseTo(Math.sqrt(0.5), within(1e-15));
    Settings shortSteps =
        seedWith(ConfigKey.BETA2_HALF_LIFE, "1e10")
            .with(ConfigKey.BATCH, 1)
            .with(ConfigKey.CONTEXT, 8);
    assertThat(shortSteps.problems())
        .containsExactly(
            "--beta2-half-life 1e10 is so long that nothing would be forgotten; take less");
  }

  @Test
  void aRunHasOneLength() {
    Settings both = seedWith(ConfigKey.MINUTES, "5").with(ConfigKey.EPOCHS, 2.0);
    assertThat(both.problems())
        .containsExactly(
            "--minutes 5.0 and --epochs both say how long the run is; give one of them");
    // The steps of a preset say nothing then, and its warmup may be longer.
    Settings open = seedWith(ConfigKey.MINUTES, "5").with(ConfigKey.STEPS, 10L);
    assertThat(open.problems()).isEmpty();
    assertThat(open.ending(70).step().limit()).isEqualTo(70);
    assertThat(open.ending(70).step().isOpen()).isFalse();
  }

  @Test
  void refusesNumbersThatAreNotFinite() {
    for (ConfigKey key : ConfigKey.values()) {
      if (key.type() == ConfigType.DOUBLE) {
        for (double value : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
          Settings config = Preset.CHAPTER.layer().with(key, value).toSettings();
          assertThat(config.problems())
              .as(key + " " + value)
              .anyMatch(problem -> problem.startsWith(key.option() + " " + value + " has to be"));
        }
      }
    }
  }

  @Test
  void listsAllProblemsAtOnce() {
    Settings config =
        Preset.CHAPTER
            .layer()
            .with(ConfigKey.DROPOUT, 2.0)
            .with(ConfigKey.LR, -1.0)
            .with(ConfigKey.BATCH, 0)
            .toSettings();

    assertThatThrownBy(() -> config.check())
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContainingAll("--dropout", "--lr", "--batch");
  }

  @Test
  void aVocabularyThatTheTokenizerBringsIsNotLookedAt() {
    for (String kind : List.of("char", "gpt2")) {
      Settings config =
          Preset.CHAPTER
              .layer()
              .with(ConfigKey.TOKENIZER, kind)
              .with(ConfigKey.VOCABULARY, 0)
              .toSettings();
      assertThat(config.problems()).isEmpty();
    }
  }

  /** With a longer one the run could not be resumed, because its config.yaml could not be read. */
  @Test
  void aPromptThatCannotBeKeptIsRefused() {
    assertThat(seedWith(ConfigKey.PROMPT, "a".repeat(59_000)).problems()).isEmpty();
    assertThat(seedWith(ConfigKey.PROMPT, "ä".repeat(40_000)).problems())
        .singleElement()
        .asString()
        .contains("--prompt", "too long")
        .hasSizeLessThan(300);
  }

  @Test
  void aSampleNeedsNoPrompt() {
    assertThat(seedWith(ConfigKey.PROMPT, "").problems()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.8 | 0.6 | 0 | --beta2 0.6 is too small beside --beta1 0.8: a row of a table",
        "0.9 | 0.0 | 0 | --beta2 0.0 is too small beside --beta1 0.9",
        "0.9 | 0.9 | 1 | --beta2-half-life 1.0 is too small beside --beta1 0.9",
      })
  void rowsOfTablesHaveToComeToRest(double beta1, double beta2, double halfLife, String message) {
    Settings settings =
        Preset.SHAKESPEARE_FAST
            .layer()
            .with(ConfigKey.BETA1, beta1)
            .with(ConfigKey.BETA2, beta2)
            .with(ConfigKey.BETA2_HALF_LIFE, halfLife)
            .toSettings();

    assertThat(settings.problems()).singleElement().asString().startsWith(message);
    assertThat(settings.with(ConfigKey.NGRAMS, "").problems()).isEmpty();
    assertThat(settings.with(ConfigKey.BETA1, 0.0).problems()).isEmpty();
    assertThatThrownBy(settings::checkGlide).isInstanceOf(InvalidConfigException.class);
  }

  @Test
  void epochsThatComeToFewerStepsThanTheWarmupAreNamed() {
    Settings settings =
        Preset.CHAPTER
            .layer()
            .with(ConfigKey.EPOCHS, 0.5)
            .with(ConfigKey.WARMUP, 100L)
            .toSettings();

    assertThatThrownBy(() -> settings.on(64))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessage(
            "--warmup 100 has to be less than the 1 step of --epochs 0.5; take --warmup 0, or more"
                + " steps");
  }
}
