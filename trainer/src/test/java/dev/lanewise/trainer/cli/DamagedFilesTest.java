package dev.lanewise.trainer.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import dev.lanewise.trainer.files.DurableFiles;
import dev.lanewise.trainer.files.FileDigest;
import dev.lanewise.trainer.fixture.Damage;
import dev.lanewise.trainer.fixture.HuggingFaceModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Every file that the commands read, damaged in every way of {@link Damage}: the result is as it
 * was, or the command ends with 1 or 2, names the file, and leaves everything as it found it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DamagedFilesTest {

  private static final long SEED = 20261126;
  private static final int MOST_SECONDS = 60;
  private static final int MOST_PROBLEMS = 12;

  private static final String SMALL =
      " --layers 1 --d-model 16 --heads 2 --d-ff 32 --context 16 --batch 2 --accumulation 1"
          + " --sample-tokens 0 --threads 1 --kernels scalar";
  private static final String RUN = "--checkpoint-every 2 --evaluate-every 2 --keep 3 --warmup 1";
  private static final String LAST = "checkpoints/step-000004/";
  private static final String RESULT = "checkpoints/step-000006/";

  /** Where a configuration that the weights do not fit is found out. */
  private static final String WEIGHTS_NAME = ".safetensors: ";

  private Path shared;
  private final Queue<String> logged = new ConcurrentLinkedQueue<>();
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          logged.add(event.getFormattedMessage());
        }
      };

  /** Folders to damage a file of; the text is at text.txt. */
  private enum Source {
    CHARACTERS {
      @Override
      void make(Path at) throws IOException {
        makeRun(at, "char");
      }
    },
    BYTE_PAIRS {
      @Override
      void make(Path at) throws IOException {
        makeRun(at, "bpe --vocabulary 260");
      }
    },
    /** A run whose text is gone. */
    WITHOUT_TEXT {
      @Override
      void make(Path at) throws IOException {
        makeRun(at, "char");
        Files.delete(at.resolve("text.txt"));
      }
    },
    /** As other programs leave a model: no manifest vouches for its files. */
    GPT2 {
      @Override
      void make(Path at) throws IOException {
        HuggingFaceModels.copy("gpt2", at.resolve("model"));
      }
    },
    QWEN2 {
      @Override
      void make(Path at) throws IOException {
        HuggingFaceModels.copy("qwen2", at.resolve("model"));
        Files.writeString(at.resolve("text.txt"), "To be, or not to be:\n".repeat(60));
      }
    },
    SHARDED {
      @Override
      void make(Path at) throws IOException {
        HuggingFaceModels.copy("llama-smollm2", at.resolve("model"));
        Files.delete(at.resolve("model/model.safetensors"));
        HuggingFaceModels.copyShards(at.resolve("model"));
      }
    },
    /** As PEFT leaves an adapter, beside its base. */
    ADAPTER {
      @Override
      void make(Path at) throws IOException {
        HuggingFaceModels.copy("qwen2", at.resolve("base"));
        HuggingFaceModels.copyAdapter("qwen2", at.resolve("model"));
      }
    },
    /** A run that trains an adapter. */
    ADAPTER_RUN {
      @Override
      void make(Path at) throws IOException {
        HuggingFaceModels.copy("qwen2", at.getParent().resolve("base-of-runs"));
        Path text = Files.writeString(at.resolve("text.txt"), "To be, or not to be:\n".repeat(60));
        CommandRun run =
            CommandRun.line(
                "train --from %s --lora-rank 2 --data %s --out %s --steps 6 --context 16 --batch 2 --sample-tokens 0 --threads 1 --kernels scalar %s"
                    .formatted(
                        at.getParent().resolve("base-of-runs"), text, at.resolve("run"), RUN));
        assertThat(run.exitCode()).as(run.err()).isZero();
        Files.move(at.resolve("run").resolve(RESULT), at.resolve("expected"));
      }
    },
    /** The two files of before tokenizer.json. */
    MERGES {
      @Override
      void make(Path at) throws IOException {
        makeRun(at, "bpe --vocabulary 260");
        Files.move(at.resolve("run").resolve(LAST), at.resolve("model"));
        DurableFiles.deleteTree(at.resolve("run"));
        Files.delete(at.resolve("model/manifest.json"));
        Files.delete(at.resolve("model/tokenizer.json"));
      }
    };

    abstract void make(Path at) throws IOException;

    private static void makeRun(Path at, String tokenizer) throws IOException {
      Path text = Files.writeString(at.resolve("text.txt"), "To be, or not to be:\n".repeat(60));
      CommandRun run =
          CommandRun.line(
              "train --preset chapter --data %s --out %s --steps 6 --tokenizer %s %s%s"
                  .formatted(text, at.resolve("run"), tokenizer, RUN, SMALL));
      assertThat(run.exitCode()).as(run.err()).isZero();
      Files.move(at.resolve("run").resolve(RESULT), at.resolve("expected"));
    }

    Path in(Path folder) {
      return folder.resolve(name());
    }
  }

  /** What is done with the folder, and what shows the result. */
  private enum Use {
    RESUME("train --resume --out @/run --steps 6 --threads 1 --kernels scalar", false),
    CONFIGURE(
        "train --config @/run/config.yaml --data @/text.txt --out @/new --steps 1 --warmup 0"
            + SMALL),
    GENERATE_OF_RUN("generate --model @/run --prompt To --max-tokens 4 --threads 1"),
    EVALUATE_RUN("eval --model @/run --data @/text.txt --threads 1"),
    EXPORT_RUN("export --model @/run --to gguf --out @/new"),
    PROMPT("generate --model @/run --prompt-file @/text.txt --max-tokens 2 --threads 1"),
    TRAIN(
        "train --preset chapter --data @/text.txt --out @/new --tokenizer char --steps 1 --warmup 0"
            + SMALL),
    TUNE(
        "train --from @/model --data @/text.txt --out @/new --steps 1 --warmup 0 --context 16"
            + " --batch 1 --accumulation 1 --sample-tokens 0 --threads 1 --kernels scalar"),
    GENERATE_ADAPTED(
        "generate --model @/model --base @/base --prompt To --max-tokens 4 --threads 1"),
    MERGE("export --model @/model --base @/base --to hf --merge --out @/new"),
    GENERATE("generate --model @/model --prompt To --max-tokens 4 --threads 1"),
    EXPORT_GGUF("export --model @/model --to gguf --out @/new"),
    EXPORT_FOLDER("export --model @/model --to hf --out @/new");

    private final String line;
    private final boolean readsOnly;

    Use(String line) {
      this(line, true);
    }

    Use(String line, boolean readsOnly) {
      this.line = line;
      this.readsOnly = readsOnly;
    }

    CommandRun run(Path at) {
      return CommandRun.line(line.replace("@", at.toString()));
    }

    private static String weights(Path at) {
      String adapter = "adapter_model.safetensors";
      boolean isAdapter = Files.exists(at.resolve("run").resolve(RESULT + adapter));
      return isAdapter ? adapter : "model.safetensors";
    }

    /** What the command came to. */
    Object result(Path at, CommandRun run) throws IOException {
      return switch (this) {
        case RESUME ->
            List.of(
                FileDigest.of(at.resolve("run").resolve(RESULT + weights(at))),
                FileDigest.of(at.resolve("run").resolve(RESULT + "optimizer.state")));
        case EXPORT_RUN, EXPORT_GGUF, EXPORT_FOLDER, MERGE -> digests(at.resolve("new"));
        case TRAIN, CONFIGURE, TUNE -> "trained";
        default -> run.out();
      };
    }
  }

  /** A file, and a command that reads it. */
  enum Subject {
    SETTINGS(Source.CHARACTERS, Use.RESUME, "run/config.yaml", "run"),
    GIVEN_SETTINGS(Source.CHARACTERS, Use.CONFIGURE, "run/config.yaml", "--"),
    NAME_OF_TEXT(Source.CHARACTERS, Use.RESUME, "run/text.json", "run"),
    TEXT(Source.CHARACTERS, Use.RESUME, "text.txt"),
    METRICS(Source.CHARACTERS, Use.RESUME, "run/metrics.jsonl"),
    STATE(Source.CHARACTERS, Use.RESUME, "run/" + LAST + "trainer.json"),
    MANIFEST(Source.CHARACTERS, Use.RESUME, "run/" + LAST + "manifest.json"),
    WEIGHTS(Source.CHARACTERS, Use.RESUME, "run/" + LAST + "model.safetensors"),
    MOMENTS(Source.CHARACTERS, Use.RESUME, "run/" + LAST + "optimizer.state"),
    CONFIGURATION(Source.CHARACTERS, Use.RESUME, "run/" + LAST + "config.json"),
    TOKENIZER(Source.BYTE_PAIRS, Use.RESUME, "run/" + LAST + "tokenizer.json"),
    TRAINING_TOKENS(Source.CHARACTERS, Use.RESUME, "run/data/training.tokens"),
    CORPUS_TOKENIZER(Source.BYTE_PAIRS, Use.RESUME, "run/data/tokenizer.json"),
    CORPUS_VOCABULARY(Source.BYTE_PAIRS, Use.RESUME, "run/data/vocab.json"),
    CORPUS_LABEL(Source.CHARACTERS, Use.RESUME, "run/data/corpus.txt"),
    ONLY_TOKENS(Source.WITHOUT_TEXT, Use.RESUME, "run/data/validation.tokens", "run/data"),
    ONLY_TOKENIZER(Source.WITHOUT_TEXT, Use.RESUME, "run/data/tokenizer.json", "run/data"),
    ONLY_LABEL(Source.WITHOUT_TEXT, Use.RESUME, "run/data/corpus.txt", "run/data"),

    SAVED_WEIGHTS(Source.BYTE_PAIRS, Use.GENERATE_OF_RUN, "run/" + LAST + "model.safetensors"),
    SAVED_TOKENIZER(Source.BYTE_PAIRS, Use.EVALUATE_RUN, "run/" + LAST + "tokenizer.json"),
    SAVED_STATE(Source.BYTE_PAIRS, Use.EVALUATE_RUN, "run/" + LAST + "trainer.json"),
    SAVED_MANIFEST(Source.BYTE_PAIRS, Use.EXPORT_RUN, "run/" + LAST + "manifest.json"),
    SAVED_CONFIGURATION(Source.BYTE_PAIRS, Use.EXPORT_RUN, "run/" + LAST + "config.json"),
    SAVED_END_TOKEN(
        Source.BYTE_PAIRS, Use.GENERATE_OF_RUN, "run/" + LAST + "tokenizer_config.json"),

    NEW_TEXT(Source.CHARACTERS, Use.TRAIN, "text.txt"),
    TEXT_TO_EVALUATE(Source.BYTE_PAIRS, Use.EVALUATE_RUN, "text.txt"),
    PROMPT(Source.BYTE_PAIRS, Use.PROMPT, "text.txt"),

    FOREIGN_WEIGHTS(Source.GPT2, Use.GENERATE, "model/model.safetensors"),
    FOREIGN_CONFIGURATION(Source.GPT2, Use.GENERATE, "model/config.json", WEIGHTS_NAME),
    FOREIGN_CONFIGURATION_OF_QWEN(Source.QWEN2, Use.GENERATE, "model/config.json", WEIGHTS_NAME),
    FOREIGN_CONFIGURATION_OF_LLAMA(
        Source.SHARDED, Use.EXPORT_GGUF, "model/config.json", "model-0000"),
    FOREIGN_TOKENIZER(Source.GPT2, Use.GENERATE, "model/tokenizer.json"),
    FOREIGN_TOKENIZER_OF_QWEN(Source.QWEN2, Use.GENERATE, "model/tokenizer.json"),
    FOREIGN_TOKENIZER_OF_LLAMA(Source.SHARDED, Use.EXPORT_GGUF, "model/tokenizer.json"),
    FOREIGN_END_TOKEN(Source.GPT2, Use.GENERATE, "model/tokenizer_config.json"),
    ROLES(Source.QWEN2, Use.EXPORT_GGUF, "model/tokenizer_config.json"),
    GENERATION(Source.QWEN2, Use.EXPORT_GGUF, "model/generation_config.json"),
    TEMPLATE(Source.QWEN2, Use.EXPORT_GGUF, "model/chat_template.jinja"),
    COPIED(Source.QWEN2, Use.EXPORT_FOLDER, "model/tokenizer_config.json"),
    BEGUN_WITH_CONFIGURATION(Source.QWEN2, Use.TUNE, "model/config.json", WEIGHTS_NAME),
    BEGUN_WITH_TOKENIZER(Source.QWEN2, Use.TUNE, "model/tokenizer.json"),
    BEGUN_WITH_WEIGHTS(Source.QWEN2, Use.TUNE, "model/model.safetensors"),
    INDEX(Source.SHARDED, Use.GENERATE, "model/model.safetensors.index.json"),
    SHARD(Source.SHARDED, Use.EXPORT_FOLDER, "model/model-00002-of-00003.safetensors"),
    ADAPTER(Source.ADAPTER, Use.GENERATE_ADAPTED, "model/adapter_model.safetensors"),
    ADAPTER_CONFIGURATION(
        Source.ADAPTER, Use.MERGE, "model/adapter_config.json", "adapter_model.safetensors"),
    SAVED_ADAPTER(Source.ADAPTER_RUN, Use.RESUME, "run/" + LAST + "adapter_model.safetensors"),
    SAVED_ADAPTER_CONFIGURATION(
        Source.ADAPTER_RUN, Use.RESUME, "run/" + LAST + "adapter_config.json"),
    MOMENTS_OF_ADAPTER(Source.ADAPTER_RUN, Use.RESUME, "run/" + LAST + "optimizer.state"),
    VOCABULARY(Source.MERGES, Use.GENERATE, "model/vocab.json", "merges.txt"),
    MERGES(Source.MERGES, Use.GENERATE, "model/merges.txt", "vocab.json");

    private final Source source;
    private final Use use;
    private final String file;
    private final String otherName;

    Subject(Source source, Use use, String file) {
      this(source, use, file, file);
    }

    /**
     * A subject.
     *
     * @param otherName what a message may say instead of the file's name
     */
    Subject(Source source, Use use, String file, String otherName) {
      this.source = source;
      this.use = use;
      this.file = file;
      this.otherName = otherName;
    }

    private String fileName() {
      return Path.of(file).getFileName().toString();
    }

    /** Whether damage is known for what it is, so that no other result may come of it. */
    private boolean isVouchedFor() {
      return file.startsWith("run/") || use == Use.RESUME;
    }

    private boolean isNamedIn(String messages) {
      return messages.contains(fileName()) || messages.contains(otherName);
    }
  }

  @BeforeAll
  void makeSources(@TempDir Path folder) throws IOException {
    shared = folder;
    Logger logger = (Logger) LoggerFactory.getLogger("dev.lanewise");
    appender.start();
    logger.addAppender(appender);
    logger.setAdditive(false);
    for (Source source : Source.values()) {
      source.make(Files.createDirectory(source.in(shared)));
    }
  }

  @AfterAll
  void logAsBefore() {
    Logger logger = (Logger) LoggerFactory.getLogger("dev.lanewise");
    logger.detachAppender(appender);
    logger.setAdditive(true);
  }

  @ParameterizedTest
  @EnumSource
  void isFoundOrHarmless(Subject subject, @TempDir Path folder) throws Exception {
    tryAll(subject, folder, 1);
  }

  @ParameterizedTest
  @EnumSource
  @Tag("exhaustive")
  void isFoundOrHarmlessManyTimes(Subject subject, @TempDir Path folder) throws Exception {
    tryAll(subject, folder, 20);
  }

  private void tryAll(Subject subject, Path folder, int times) throws Exception {
    Path whole = folder.resolve("undisturbed");
    copy(subject, whole);
    CommandRun undisturbed = subject.use.run(whole);
    assertThat(undisturbed.exitCode()).as(undisturbed.err()).isZero();
    Object expected = subject.use.result(whole, undisturbed);
    List<String> problems = new ArrayList<>();
    long seed = SEED;
    for (Damage damage : Damage.values()) {
      for (int time = 0; time < times && problems.size() < MOST_PROBLEMS; time++) {
        seed++;
        String problem = tryOne(subject, folder.resolve("damaged"), damage, seed, expected);
        if (problem != null) {
          problems.add("%s, %s, seed %d: %s".formatted(subject, damage, seed, problem));
        }
      }
    }
    assertThat(problems).isEmpty();
  }

  private void copy(Subject subject, Path to) throws IOException {
    copyTree(subject.source.in(shared), to);
    // A run remembers its text by its whole path.
    Path remembered = to.resolve("run/text.json");
    if (Files.exists(remembered)) {
      String text = Files.readString(remembered);
      Files.writeString(
          remembered, text.replace(subject.source.in(shared).toString(), to.toString()));
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Files.copy(path, to.resolve(from.relativize(path).toString()));
      }
    }
  }

  /** Returns what is wrong; null if nothing is. */
  private String tryOne(Subject subject, Path at, Damage damage, long seed, Object expected)
      throws Exception {
    copy(subject, at);
    Path file = at.resolve(subject.file);
    byte[] before = Files.readAllBytes(file);
    byte[] damaged = damage.to(before, new SplittableRandom(seed));
    Files.write(file, damaged);
    Map<String, FileDigest> found = digests(at);
    logged.clear();
    CommandRun run;
    try {
      run = inTime(() -> subject.use.run(at));
    } catch (TimeoutException e) {
      throw new AssertionError("%s, %s, seed %d: does not end".formatted(subject, damage, seed), e);
    } catch (ExecutionException e) {
      DurableFiles.deleteTree(at);
      return "thrown: " + e.getCause();
    }
    String messages = run.err() + String.join(System.lineSeparator(), logged);
    String problem = problem(subject, at, run, messages, expected, found);
    DurableFiles.deleteTree(at);
    return problem == null || Arrays.equals(before, damaged)
        ? null
        : "%s; exit code %d%n%s%n".formatted(problem, run.exitCode(), shortened(messages));
  }

  private static String problem(
      Subject subject,
      Path at,
      CommandRun run,
      String messages,
      Object expected,
      Map<String, FileDigest> found)
      throws IOException {
    for (String never :
        List.of("bug in Lanewise", "\tat ", "Exception", "Error", "out of memory")) {
      if (messages.contains(never)) {
        return "says " + never;
      }
    }
    if (messages.length() > 20_000) {
      return "says too much";
    }
    if (run.exitCode() != 0 && !subject.isNamedIn(messages)) {
      return "does not name the file";
    }
    if (run.exitCode() == 0 && subject.isVouchedFor() && !subject.isNamedIn(messages)) {
      Object result = subject.use.result(at, run);
      if (!result.equals(expected)) {
        return "another result: " + result + " and not " + expected;
      }
    }
    if (run.exitCode() == 0 && subject.use == Use.RESUME) {
      Object result = subject.use.result(at, run);
      return result.equals(expected) ? null : "another result: " + result;
    }
    if (run.exitCode() != 0 || subject.use.readsOnly) {
      Map<String, FileDigest> after = digests(at);
      after.keySet().removeIf(name -> run.exitCode() == 0 && name.startsWith("new"));
      after.keySet().removeIf(name -> subject.use.line.startsWith("train") && isNewRun(name));
      return after.equals(found) ? null : "changed files: " + difference(found, after);
    }
    return null;
  }

  /** A start that fails leaves a folder that it made, as a run that can be started again. */
  private static boolean isNewRun(String name) {
    return name.startsWith("new/");
  }

  private static String difference(Map<String, FileDigest> before, Map<String, FileDigest> after) {
    List<String> names = new ArrayList<>();
    for (Map.Entry<String, FileDigest> file : after.entrySet()) {
      if (!file.getValue().equals(before.get(file.getKey()))) {
        names.add(file.getKey());
      }
    }
    before.keySet().stream().filter(name -> !after.containsKey(name)).forEach(names::add);
    return names.toString();
  }

  /** All files but the lock, into which each owner writes its name. */
  private static Map<String, FileDigest> digests(Path root) throws IOException {
    Map<String, FileDigest> digests = new TreeMap<>();
    try (Stream<Path> all = Files.walk(root)) {
      for (Path path : all.toList()) {
        if (Files.isRegularFile(path) && !path.endsWith("run.lock")) {
          digests.put(root.relativize(path).toString(), FileDigest.of(path));
        }
      }
    }
    return digests;
  }

  private static String shortened(String messages) {
    return messages.length() < 1500 ? messages : messages.substring(0, 1500) + "...";
  }

  /** A command that hangs must not hang the build. */
  private static CommandRun inTime(Callable<CommandRun> command) throws Exception {
    ExecutorService thread = Executors.newSingleThreadExecutor();
    try {
      Future<CommandRun> run = thread.submit(command);
      return run.get(MOST_SECONDS, TimeUnit.SECONDS);
    } finally {
      thread.shutdownNow();
    }
  }
}
