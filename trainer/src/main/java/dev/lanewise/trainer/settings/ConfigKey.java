package dev.lanewise.trainer.settings;

import dev.lanewise.trainer.text.TokenizerKinds;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Every setting of a run: its name in a file ({@code d_model}) and on the command line ({@code
 * --d-model}), its type, its default, and what it does. Presets, files, options, the written
 * config.yaml and trainer.json all come from this table: a new setting is a line here and a
 * component of its record in {@link Settings}.
 */
public enum ConfigKey {
  /** How text becomes ids. */
  TOKENIZER(
      Section.TEXT,
      ConfigType.NAME,
      TokenizerKinds.BPE,
      settings -> settings.text().tokenizer(),
      "bpe (byte pairs learned from the text), bpe-chat (with special tokens for turns besides, for"
          + " a model that is to be tuned on chats), char (one token per character) or gpt2"),
  /** Ids of a byte pair encoding. */
  VOCABULARY(
      Section.TEXT,
      ConfigType.INT,
      5000,
      settings -> settings.text().vocabulary(),
      "tokens to learn for bpe and bpe-chat; char and gpt2 bring their own number",
      "vocab",
      "vocab_size",
      "vocabulary_size"),
  /** What stands between documents. */
  SEPARATOR(
      Section.TEXT,
      ConfigType.TEXT,
      "\n",
      settings -> settings.text().separator(),
      "between documents: text, or the name of a special token, which ends each; if empty the"
          + " tokenizer's end token, or a line feed if it has none",
      "eot",
      "document_separator"),
  /** Whether names of special tokens are the tokens. */
  SPECIAL(
      Section.TEXT,
      ConfigType.BOOLEAN,
      false,
      settings -> settings.text().special(),
      "whether the names of special tokens in the text stand for the tokens",
      "add_special_tokens",
      "parse_special"),
  /** Which part of the text validates. */
  SPLIT(
      Section.TEXT,
      ConfigType.NAME,
      "tail",
      settings -> settings.text().split(),
      "the tenth kept for validation: documents (whole ones, drawn by seed), few (the same, but a"
          + " million bytes at most) or tail (the end of the joined text)",
      "validation_split"),
  /** What is read where no text is named. */
  JDK(
      Section.TEXT,
      ConfigType.NAME,
      "core",
      settings -> settings.text().jdk(),
      "text where no --data is given, from the JDK's own sources: core (java.util and java.lang, 2"
          + " MB), java (all packages below java, 25 MB) or api (java and javax in other modules"
          + " too, 50 MB)",
      "jdk_sources"),
  /** Which tokens of documents count. */
  TRAIN_ON(
      Section.TEXT,
      ConfigType.NAME,
      "answers",
      settings -> settings.text().trainOn(),
      "what counts of JSON Lines: answers (completions and what the assistant says) or all (prompts"
          + " and questions too)",
      "train_on_inputs",
      "completion_only_loss"),
  /** What becomes of documents that are too long. */
  LONG(
      Section.TEXT,
      ConfigType.NAME,
      "cut",
      settings -> settings.text().longDocuments(),
      "what becomes of documents of JSON Lines that are longer than the context: cut (the rest is"
          + " left out) or split (into several)",
      "truncation",
      "long_documents"),
  /** Where the first weights come from. */
  FROM(
      Section.MODEL,
      ConfigType.TEXT,
      "",
      settings -> settings.model().from(),
      "folder of a model or a run to begin with, which decides tokenizer and sizes; if empty the"
          + " weights are random",
      "init_from",
      "base_model",
      "model_name_or_path",
      "pretrained"),
  /** What the model is made of. */
  FAMILY(
      Section.MODEL,
      ConfigType.NAME,
      "gpt2",
      settings -> settings.model().family(),
      "family of models: its layers, and how files name them",
      "model_type",
      "architecture"),
  /** T. */
  CONTEXT(
      Section.MODEL,
      ConfigType.INT,
      128,
      settings -> settings.model().context(),
      "tokens the model looks back on; time and memory grow with it",
      "context_length",
      "block_size",
      "seq_len",
      "sequence_length",
      "n_ctx",
      "n_positions"),
  /** C. */
  D_MODEL(
      Section.MODEL,
      ConfigType.INT,
      128,
      settings -> settings.model().width(),
      "width: numbers that stand for one token inside the model; a multiple of heads, unless"
          + " head_size is given",
      "width",
      "n_embd",
      "dim",
      "hidden_size",
      "embedding"),
  /** Attention heads. */
  HEADS(
      Section.MODEL,
      ConfigType.INT,
      4,
      settings -> settings.model().heads(),
      "attention heads in each layer",
      "n_head",
      "n_heads",
      "num_heads"),
  /** Heads of keys and values. */
  KV_HEADS(
      Section.MODEL,
      ConfigType.INT,
      0,
      settings -> settings.model().keyValueHeads(),
      "key/value heads, each shared by as many heads; 0 for one to each",
      "n_kv_heads",
      "num_key_value_heads",
      "key_value_heads"),
  /** Floats of a head. */
  HEAD_SIZE(
      Section.MODEL,
      ConfigType.INT,
      0,
      settings -> settings.model().headSize(),
      "numbers of a head; 0 for d_model / heads",
      "head_dim",
      "d_head"),
  /** The base of rotary positions. */
  ROPE_THETA(
      Section.MODEL,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.model().ropeTheta(),
      "base of rotary positions; 0 for the family's own",
      "rope_base",
      "theta"),
  /** Transformer blocks. */
  LAYERS(
      Section.MODEL,
      ConfigType.INT,
      4,
      settings -> settings.model().layers(),
      "transformer blocks, one after another",
      "n_layer",
      "n_layers",
      "num_layers",
      "depth",
      "blocks"),
  /** Hidden width of the feed-forward network. */
  D_FF(
      Section.MODEL,
      ConfigType.INT,
      512,
      settings -> settings.model().feedForwardWidth(),
      "hidden width of the feed-forward network; usually 4 times d_model",
      "ffn",
      "n_inner",
      "feed_forward",
      "intermediate_size",
      "hidden"),
  /** Biases or none. */
  BIASES(
      Section.MODEL,
      ConfigType.BOOLEAN,
      true,
      settings -> settings.model().biases(),
      "whether linear layers and layer norms add a bias, as GPT-2 does",
      "bias"),
  /** Whether the output projection is the token embedding. */
  TIED_HEAD(
      Section.MODEL,
      ConfigType.BOOLEAN,
      false,
      settings -> settings.model().tiedHead(),
      "whether the output projection is the token embedding, which saves parameters",
      "tie_weights",
      "tied",
      "tie_word_embeddings",
      "weight_tying"),
  /** Tables of the last tokens together. */
  NGRAMS(
      Section.MODEL,
      ConfigType.TEXT,
      "",
      settings -> settings.model().ngrams(),
      "tables with a row for the last tokens together, as tokens:rows: 2:65536,3:65536; for family"
          + " lanewise",
      "ngram_tables",
      "n_grams",
      "bigrams"),
  /** Rate at which rows of these tables are left out. */
  NGRAM_DROPOUT(
      Section.MODEL,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.model().ngramDropout(),
      "share of positions at which training leaves out a table's row, each table by itself; 0 for"
          + " none",
      "row_dropout",
      "table_dropout"),
  /** Rate of dropout. */
  DROPOUT(
      Section.MODEL,
      ConfigType.DOUBLE,
      0.1,
      settings -> settings.model().dropout(),
      "share of values set to zero in training, against overfitting; 0 for none",
      "drop",
      "dropout_rate"),
  /** Tokens drawn for a sampled softmax. */
  SAMPLED_SOFTMAX(
      Section.MODEL,
      ConfigType.INT,
      0,
      settings -> settings.model().sampledSoftmax(),
      "in the first three quarters of the steps, the loss is taken over the tokens to tell and at"
          + " least so many others drawn at random, which saves time with a large vocabulary;"
          + " evaluations are exact; 0 for all tokens",
      "sampled_loss",
      "candidates"),
  /** Temperature of training's loss. */
  LOSS_TEMPERATURE(
      Section.MODEL,
      ConfigType.DOUBLE,
      1.0,
      settings -> settings.model().lossTemperature(),
      "what logits are divided by in the training loss; below 1 the model is less sure of itself,"
          + " which helps where it reads a small text many times; 1 for the plain loss, which"
          + " evaluations always have",
      "training_temperature",
      "softmax_temperature"),
  /** Rank of adapters. */
  LORA_RANK(
      Section.ADAPTER,
      ConfigType.INT,
      0,
      settings -> settings.adapter().rank(),
      "rank of what is added to the matrices of --from and alone is trained; 0 to train the"
          + " weights themselves",
      "lora_r"),
  /** Scale of adapters. */
  LORA_ALPHA(
      Section.ADAPTER,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.adapter().givenAlpha(),
      "it is multiplied by alpha / rank; 0 for twice the rank"),
  /** Dropout of adapters. */
  LORA_DROPOUT(
      Section.ADAPTER,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.adapter().dropout(),
      "share of its input set to zero in training; 0 for none"),
  /** What adapters are added to. */
  LORA_TARGETS(
      Section.ADAPTER,
      ConfigType.TEXT,
      "",
      settings -> settings.adapter().targets(),
      "names of matrices as files have them, with commas (q_proj,v_proj); if empty all of the"
          + " blocks",
      "lora_target_modules",
      "target_modules"),
  /** An adapter to go on from. */
  ADAPTER(
      Section.ADAPTER,
      ConfigType.TEXT,
      "",
      settings -> settings.adapter().adapter(),
      "folder of an adapter to go on from, ours or PEFT's, which decides all of these but the"
          + " dropout; if empty a new one",
      "lora_adapter",
      "peft_path"),
  /** B. */
  BATCH(
      Section.TRAINING,
      ConfigType.INT,
      32,
      settings -> settings.step().batch(),
      "sequences that go through the model together",
      "batch_size"),
  /** Micro-batches of a step. */
  ACCUMULATION(
      Section.TRAINING,
      ConfigType.INT,
      1,
      settings -> settings.step().accumulation(),
      "batches added up for one step: a larger batch without more memory",
      "gradient_accumulation",
      "gradient_accumulation_steps",
      "accumulate",
      "grad_accum"),
  /** Parts of a batch. */
  SHARDS(
      Section.TRAINING,
      ConfigType.INT,
      0,
      settings -> settings.step().shards(),
      "parts of a batch, worked on side by side; 0 picks by batch. Decides the bits, threads do"
          + " not",
      "shard"),
  /** Times through the text. */
  EPOCHS(
      Section.TRAINING,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.step().epochs(),
      "times through the text, which then decides steps; 0 to go by steps",
      "num_epochs",
      "num_train_epochs",
      "n_epochs"),
  /** Wall time. */
  MINUTES(
      Section.TRAINING,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.step().minutes(),
      "minutes that the run takes, which then decide steps when the learning rate of wsd begins to"
          + " fall; 0 to go by steps",
      "max_minutes",
      "max_time",
      "time_limit"),
  /** Optimizer steps. */
  STEPS(
      Section.TRAINING,
      ConfigType.LONG,
      1200L,
      settings -> settings.step().steps(),
      "optimizer steps of the whole run",
      "max_steps",
      "max_iters",
      "iterations",
      "num_steps",
      "iters"),
  /** The seed. */
  SEED(
      Section.TRAINING,
      ConfigType.LONG,
      1L,
      settings -> settings.step().seed(),
      "first weights, order of the text, dropout and samples all follow from it",
      "random_seed"),
  /** What changes the weights. */
  OPTIMIZER(
      Section.OPTIMIZER,
      ConfigType.NAME,
      "adamw",
      settings -> settings.optimizer().kind(),
      "what turns gradients into changes of the weights: adamw, or muon for the weight matrices"
          + " inside the blocks and adamw for the rest",
      "optim"),
  /** The learning rate over the run. */
  SCHEDULE(
      Section.OPTIMIZER,
      ConfigType.NAME,
      "cosine",
      settings -> settings.schedule().kind(),
      "course of the learning rate over the run: cosine, linear, cosine-to-min, linear-to-min (the"
          + " first step above 0, the last at min_lr) or wsd (a plateau, then a straight line)",
      "lr_schedule",
      "lr_scheduler_type"),
  /** Peak learning rate. */
  LR(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      3e-4,
      settings -> settings.schedule().maxLearningRate(),
      "learning rate at the end of the warmup",
      "learning_rate",
      "max_lr",
      "max_learning_rate"),
  /** Last learning rate. */
  MIN_LR(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      1e-6,
      settings -> settings.schedule().minLearningRate(),
      "learning rate at the end of the run",
      "min_learning_rate",
      "lr_min",
      "final_lr"),
  /** Steps of warmup. */
  WARMUP(
      Section.OPTIMIZER,
      ConfigType.LONG,
      100L,
      settings -> settings.schedule().warmup(),
      "steps in which the learning rate climbs from 0",
      "warmup_steps",
      "warmup_iters"),
  /** How much of the run the decay takes. */
  DECAY_SHARE(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      0.2,
      settings -> settings.schedule().decayShare(),
      "share of the steps, at the end, in which the learning rate of wsd falls",
      "cooldown",
      "decay_fraction"),
  /** Adam's first decay. */
  BETA1(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      0.9,
      settings -> settings.optimizer().beta1(),
      "how much Adam's mean gradient keeps per step",
      "adam_beta1"),
  /** Adam's second decay. */
  BETA2(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      0.999,
      settings -> settings.optimizer().beta2(),
      "how much Adam's mean squared gradient keeps per step",
      "adam_beta2"),
  /** Adam's second decay, for any batch. */
  BETA2_HALF_LIFE(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.optimizer().beta2HalfLife(),
      "tokens after which that mean keeps half, which then decides beta2 for any batch; 0 to go by"
          + " beta2",
      "beta2_halflife"),
  /** Adam's epsilon. */
  EPSILON(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      1e-8,
      settings -> settings.optimizer().epsilon(),
      "keeps Adam from dividing by zero",
      "eps",
      "adam_epsilon"),
  /** Muon's learning rate. */
  MUON_LR(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      0.02,
      settings -> settings.optimizer().muonLearningRate(),
      "Muon's learning rate of weight matrices inside the blocks, where AdamW's of the rest is lr",
      "muon_learning_rate",
      "matrix_lr"),
  /** Muon's momentum. */
  MOMENTUM(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      0.95,
      settings -> settings.optimizer().momentum(),
      "how much Muon's mean gradient keeps per step",
      "muon_momentum"),
  /** Decoupled weight decay. */
  WEIGHT_DECAY(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      0.0,
      settings -> settings.optimizer().weightDecay(),
      "pull of weight matrices towards 0, times their learning rate; 0 for none",
      "decay",
      "wd"),
  /** Greatest gradient norm. */
  CLIP(
      Section.OPTIMIZER,
      ConfigType.DOUBLE,
      1.0,
      settings -> settings.optimizer().clip(),
      "longest gradient; a longer one is scaled down to it; 0 for no limit",
      "grad_clip",
      "max_grad_norm",
      "gradient_clip",
      "clip_norm"),
  /** Steps between evaluations. */
  EVALUATE_EVERY(
      Section.OUTPUT,
      ConfigType.LONG,
      100L,
      settings -> settings.output().evaluateEvery(),
      "steps between measurements of the loss on text kept out of training",
      "eval_every",
      "eval_interval",
      "eval_steps"),
  /** How much an evaluation reads. */
  EVALUATE_TOKENS(
      Section.OUTPUT,
      ConfigType.LONG,
      0L,
      settings -> settings.output().evaluateTokens(),
      "tokens of that text to measure on, always the same, drawn by seed; 0 for all of it; -1 for as"
          + " many as take a tenth of the time; at the end all of it too",
      "eval_tokens",
      "max_eval_tokens"),
  /** Steps between reports. */
  REPORT_EVERY(
      Section.OUTPUT,
      ConfigType.LONG,
      0L,
      settings -> settings.output().reportEvery(),
      "steps between versions of report.html; 0 for one at each evaluation; at the end always",
      "report_interval",
      "report_steps",
      "log_interval"),
  /** Steps between checkpoints. */
  CHECKPOINT_EVERY(
      Section.OUTPUT,
      ConfigType.LONG,
      100L,
      settings -> settings.output().checkpointEvery(),
      "steps between checkpoints, from which a run can resume",
      "save_every",
      "save_steps",
      "checkpoint_interval"),
  /** Checkpoints kept. */
  KEEP(
      Section.OUTPUT,
      ConfigType.INT,
      2,
      settings -> settings.output().keep(),
      "newest checkpoints to keep; the best one stays too",
      "keep_checkpoints",
      "save_total_limit"),
  /** What samples continue. */
  PROMPT(
      Section.OUTPUT,
      ConfigType.TEXT,
      "\n",
      settings -> settings.output().prompt(),
      "what the sample at each evaluation goes on from",
      "sample_prompt"),
  /** Length of a sample. */
  SAMPLE_TOKENS(
      Section.OUTPUT,
      ConfigType.INT,
      120,
      settings -> settings.output().sampleTokens(),
      "length of that sample in tokens; 0 for none",
      "sample_length",
      "max_new_tokens");

  private static final Set<ConfigKey> OF_NEW_MODELS =
      EnumSet.of(
          TOKENIZER,
          VOCABULARY,
          FAMILY,
          D_MODEL,
          HEADS,
          KV_HEADS,
          HEAD_SIZE,
          ROPE_THETA,
          LAYERS,
          D_FF,
          BIASES,
          TIED_HEAD,
          NGRAMS);

  private static final Set<ConfigKey> OF_ADAPTERS =
      EnumSet.of(LORA_RANK, LORA_ALPHA, LORA_DROPOUT, LORA_TARGETS, ADAPTER);

  private final Section section;
  private final ConfigType type;

  // A number, a word or an enum; the checker sees an object.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Object defaultValue;

  // Calls accessors of records: the checker knows functions in general only.
  @SuppressWarnings("ImmutableEnumChecker")
  private final Function<Settings, Object> value;

  private final String description;

  // List.of, which the checker cannot see.
  @SuppressWarnings("ImmutableEnumChecker")
  private final List<String> otherNames;

  ConfigKey(
      Section section,
      ConfigType type,
      Object defaultValue,
      Function<Settings, Object> value,
      String description,
      String... otherNames) {
    this.section = section;
    this.type = type;
    this.defaultValue = defaultValue;
    this.value = value;
    this.description = description;
    this.otherNames = List.of(otherNames);
  }

  /** Whether a model that a run begins with decides the setting. */
  public boolean isOfNewModel() {
    return OF_NEW_MODELS.contains(this);
  }

  /** What settings are grouped by. */
  public enum Section {
    /** From text to ids. */
    TEXT("Text"),
    /** The shape of the model. */
    MODEL("Model"),
    /** What is added to the model. */
    ADAPTER("Low-rank adapter (LoRA)"),
    /** How much of what is trained on. */
    TRAINING("Training"),
    /** The step. */
    OPTIMIZER("Optimizer"),
    /** What comes out along the way. */
    OUTPUT("Evaluation, checkpoints, samples");

    private final String title;

    Section(String title) {
      this.title = title;
    }

    /** Returns the heading over the section. */
    public String title() {
      return title;
    }
  }

  /** Returns the name in a file, such as {@code d_model}. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Returns the option on the command line, such as {@code --d-model}. */
  public String option() {
    return "--" + key().replace('_', '-');
  }

  /** Returns the group that the setting is shown in. */
  public Section section() {
    return section;
  }

  /** Returns how values are written. */
  public ConfigType type() {
    return type;
  }

  /** Returns what the setting does, in a line. */
  public String description() {
    return description;
  }

  /** Returns the value where none is given: in a file from before the setting existed. */
  public Object defaultValue() {
    return defaultValue;
  }

  /** Returns whether a setting says anything in a configuration, and so is written. */
  public boolean isSaidIn(Settings settings) {
    if (OF_ADAPTERS.contains(this)) {
      return settings.adapter().isUsed();
    }
    return !isOfNewModel() || settings.model().from().isEmpty();
  }

  /** Returns the value that a configuration has. */
  public Object valueIn(Settings settings) {
    return value.apply(settings);
  }

  /** Finds a setting by its name in a file; a dash stands for an underscore. */
  static Optional<ConfigKey> find(String key) {
    String normal = normalize(key);
    return Arrays.stream(values()).filter(candidate -> candidate.key().equals(normal)).findAny();
  }

  /**
   * Finds the setting that a wrong name was meant for: one that other programs call so, or the one
   * that is spelled most alike.
   */
  static ConfigKey nearest(String key) {
    String normal = normalize(key);
    ConfigKey nearest = LR;
    int least = Integer.MAX_VALUE;
    for (ConfigKey candidate : values()) {
      int distance = EditDistance.between(normal, candidate.key());
      for (String other : candidate.otherNames) {
        distance = Math.min(distance, EditDistance.between(normal, other));
      }
      if (distance < least) {
        least = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  private static String normalize(String key) {
    return key.replace('-', '_').toLowerCase(Locale.ROOT);
  }
}
