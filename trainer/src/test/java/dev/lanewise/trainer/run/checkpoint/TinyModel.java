package dev.lanewise.trainer.run.checkpoint;

import dev.lanewise.engine.random.RandomStream;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.scalar.ScalarKernels;
import dev.lanewise.model.Gpt;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.settings.TokenizerKind;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTrainer;
import dev.lanewise.trainer.text.tokenizer.character.CharacterTrainer;

/** Snapshots of a model of a few hundred weights, which differ from step to step. */
public final class TinyModel {

  public static final int CONTEXT = 6;

  private static final long SEED = -11;

  public final Tokenizer tokenizer;
  public final Settings config;
  public final Gpt gpt;

  private TinyModel(Tokenizer tokenizer, Settings config) {
    this.tokenizer = tokenizer;
    this.config = config;
    this.gpt =
        new Gpt(config.model().gptConfig(tokenizer.vocabularySize()), ScalarKernels.create(), 1);
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
    return new Settings(
        kind,
        vocabulary,
        CONTEXT,
        8,
        2,
        1,
        12,
        biases,
        !biases,
        0.1,
        4,
        1,
        0,
        1000,
        1e-3,
        1e-5,
        10,
        0.9,
        0.999,
        1e-8,
        0.1,
        1.0,
        SEED,
        10,
        5,
        2,
        "a \"prompt\"\n\t\u2713",
        20);
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
    return new Snapshot(state, tokenizer, numbers(step, 0), numbers(step, 1), numbers(step, 2));
  }

  private ParameterStore numbers(long step, int which) {
    ParameterStore store = new ParameterStore(gpt.layout());
    RandomStream random = new RandomStream(SEED, RandomStream.DIAGNOSTICS - which, step);
    for (int i = 0; i < store.data().length; i++) {
      store.data()[i] = (float) random.nextGaussian();
    }
    return store;
  }
}
