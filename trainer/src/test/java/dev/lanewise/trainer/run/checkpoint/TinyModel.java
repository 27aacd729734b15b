package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.trainer.optim.OptimizerState;
import dev.lanewise.trainer.settings.ConfigKey;
import dev.lanewise.trainer.settings.Preset;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.settings.TokenizerKind;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTrainer;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;
import java.io.IOException;
import java.util.List;

/** Snapshots of a model of a few hundred weights, which differ from step to step. */
public final class TinyModel {

  public static final int CONTEXT = 6;

  private static final long SEED = -11;

  public final Tokenizer tokenizer;
  public final Settings config;
  public final Transformer transformer;

  private TinyModel(Tokenizer tokenizer, Settings config) {
    this.tokenizer = tokenizer;
    this.config = config;
    this.transformer =
        new Transformer(
            config.model().description(tokenizer.vocabularySize()).config(),
            ScalarKernels.create(),
            1);
  }

  /** A character model without biases, with a tied head. */
  public static TinyModel ofCharacters() {
    CharacterTrainer trainer = new CharacterTrainer();
    trainer.write("\n abcdé");
    return new TinyModel(trainer.train(), config(TokenizerKind.CHAR, 7, false));
  }

  /** A byte pair model with everything. */
  public static TinyModel ofBytePairs() {
    BytePairTrainer trainer = new BytePairTrainer();
    trainer.write("the cat and the dog and the cat\n");
    return new TinyModel(trainer.train(260), config(TokenizerKind.BPE, 260, true));
  }

  private static Settings config(TokenizerKind kind, int vocabulary, boolean biases) {
    return Preset.CHAPTER
        .layer()
        .with(ConfigKey.TOKENIZER, kind)
        .with(ConfigKey.VOCABULARY, vocabulary)
        .with(ConfigKey.CONTEXT, CONTEXT)
        .with(ConfigKey.D_MODEL, 8)
        .with(ConfigKey.HEADS, 2)
        .with(ConfigKey.LAYERS, 1)
        .with(ConfigKey.D_FF, 12)
        .with(ConfigKey.BIASES, biases)
        .with(ConfigKey.TIED_HEAD, !biases)
        .with(ConfigKey.SEED, SEED)
        .with(ConfigKey.PROMPT, "a \"prompt\"\n\t\u2713")
        .with(ConfigKey.SAMPLE_TOKENS, 20)
        .toSettings();
  }

  /** The state after some steps, of which the best was evaluated at {@code bestStep}. */
  public Snapshot snapshot(long step, long bestStep) {
    TrainingState state =
        new TrainingState(
            step,
            new TrainingState.Best(1.0 / 3 + bestStep, bestStep),
            1,
            0,
            config,
            tokenizer.fingerprint(),
            "0123abcd");
    return new Snapshot(
        state, model(), tokenizer, numbers(step, 0), moments(numbers(step, 1), numbers(step, 2)));
  }

  /** What its files say. */
  public ModelFiles model() {
    return ModelFiles.of(
        config.model().description(tokenizer.vocabularySize()), tokenizer.endToken());
  }

  /** What an optimizer remembers before its first step. */
  public List<OptimizerState> newMoments() {
    return moments(
        new ParameterStore(transformer.layout()), new ParameterStore(transformer.layout()));
  }

  private static List<OptimizerState> moments(ParameterStore first, ParameterStore second) {
    return List.of(
        new OptimizerState("exp_avg", "first moment", first),
        new OptimizerState("exp_avg_sq", "second moment", second));
  }

  /** Reads all numbers of a checkpoint into a model of its own, as a resumption does. */
  public static void readAll(Checkpoint checkpoint) throws IOException {
    Transformer model =
        new Transformer(checkpoint.description().config(), ScalarKernels.create(), 1);
    checkpoint.readWeights(model);
    checkpoint.readState(
        moments(new ParameterStore(model.layout()), new ParameterStore(model.layout())));
  }

  private ParameterStore numbers(long step, int which) {
    ParameterStore store = new ParameterStore(transformer.layout());
    RandomStream random = new RandomStream(SEED, RandomStream.DIAGNOSTICS - which, step);
    for (int i = 0; i < store.data().length; i++) {
      store.data()[i] = (float) random.nextGaussian();
    }
    return store;
  }
}
