package dev.lanewise.trainer.run;

import dev.lanewise.engine.parallel.WorkerPool;
import dev.lanewise.engine.tensor.MemoryPlan.Use;
import dev.lanewise.engine.tensor.ParameterStore;
import dev.lanewise.kernels.KernelSet;
import dev.lanewise.model.Transformer;
import dev.lanewise.model.family.HeldWeights;
import dev.lanewise.model.family.ModelFiles;
import dev.lanewise.model.memory.Adaptation;
import dev.lanewise.model.memory.WeightPanels;
import dev.lanewise.model.memory.WeightStorage;
import dev.lanewise.trainer.run.checkpoint.SavedAdapter;
import dev.lanewise.trainer.settings.Settings;
import dev.lanewise.trainer.step.RankOrders;
import dev.lanewise.trainer.step.Trainer;
import dev.lanewise.trainer.text.Corpus;
import java.io.IOException;

/**
 * The model that a run trains: a new one, one that is there already, or what is added to one; and
 * its first weights.
 */
final class RunModel {

  private final Settings settings;

  /** Null for a new model. */
  private final KnownModel base;

  private final ModelFiles files;
  private final Transformer transformer;

  /**
   * Plans the model.
   *
   * @param base what the run begins with; null for a new model
   */
  RunModel(Settings settings, KernelSet kernels, Corpus corpus, KnownModel base) {
    this.settings = settings;
    this.base = base;
    this.files =
        base == null
            ? ModelFiles.of(
                settings.model().description(corpus.tokenizer().vocabularySize()),
                corpus.tokenizer().endToken())
            : base.files();
    this.transformer =
        new Transformer(
            base == null ? files.description().config() : base.trainedOn(settings.model()),
            kernels,
            Trainer.sequencesPerPass(settings),
            settings.model().context(),
            base == null ? Adaptation.NONE : base.adaptation());
  }

  ModelFiles files() {
    return files;
  }

  Transformer transformer() {
    return transformer;
  }

  /** Returns what is trained beside a model; null where the model itself is. */
  SavedAdapter adapter() {
    return base == null ? null : base.adapter();
  }

  /** Returns how the weights are held. */
  WeightStorage storage() throws IOException {
    return adapter() != null
        ? WeightStorage.ofFrozen(WeightStorage.packedIn(base.filePrecision()))
        : WeightStorage.STORED;
  }

  /** Tells other ranks what to train, and how the weights are held that have been read. */
  void tell(RankOrders ranks, WeightPanels panels, Use use) {
    RankSetup.send(ranks, settings, files, base, transformer, panels, use);
  }

  /**
   * Makes or reads the weights.
   *
   * @param resumed whether what is trained is read of a checkpoint afterwards
   * @param pool who makes the weights of a new model
   */
  HeldWeights begin(boolean resumed, WorkerPool pool, TrainingListener listener)
      throws IOException {
    return adapter() == null
        ? new HeldWeights(whole(resumed, pool, listener), transformer.newPanels(true))
        : adapted(resumed, listener);
  }

  private ParameterStore whole(boolean resumed, WorkerPool pool, TrainingListener listener)
      throws IOException {
    if (resumed) {
      return new ParameterStore(transformer.layout());
    }
    return base == null
        ? transformer.initialize(settings.step().seed(), pool)
        : base.readWeights(transformer, listener::onWarning, listener);
  }

  /** A checkpoint has only what is added, so the model is read in any case. */
  private HeldWeights adapted(boolean resumed, TrainingListener listener) throws IOException {
    HeldWeights read = base.readFrozenWeights(transformer, listener::onWarning, listener);
    if (resumed) {
      return read;
    }
    if (adapter().folder() == null) {
      transformer.initializeAdapters(read.store(), settings.step().seed());
    } else {
      adapter().readInto(base.description(), transformer, read.store());
    }
    return read;
  }

  /** What the run is begun with; asked before the first step. */
  FirstInputs firstInputs(Corpus corpus, ParameterStore weights) {
    String text = corpus.textFingerprint();
    return adapter() == null
        ? FirstInputs.of(text, settings.model().isNew() ? null : weights)
        : FirstInputs.ofAdapted(text, adapter().baseDigest(), weights);
  }
}
