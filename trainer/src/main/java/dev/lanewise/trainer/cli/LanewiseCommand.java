package dev.lanewise.trainer.cli;

import dev.lanewise.trainer.settings.EditDistance;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command line. Does nothing itself: the work is in its subcommands. */
@Command(
    name = "lanewise",
    mixinStandardHelpOptions = true,
    versionProvider = LanewiseCommand.Version.class,
    description = "Trains GPT-style transformers on the CPU, in pure Java.",
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "To begin with, train a small model on the JDK's own sources (a few minutes),",
      "then let it write:",
      "",
      "  lanewise train",
      "  lanewise generate --model runs/NAME --prompt \"public class \"",
      "",
      "Each command explains itself: lanewise train --help",
      "Exit code: 0 done, 1 failed, 2 wrongly called."
    })
final class LanewiseCommand implements Runnable {

  private static final Map<String, Supplier<Subcommand>> COMMANDS = commands();

  private static final String HELP = "help";
  private static final Set<String> WORDS_FOR_HELP = Set.of(HELP, "--" + HELP, "-h");

  /** So many letters at most may be wrong, missing or in another place. */
  private static final int FARTHEST_GUESS = 2;

  @Spec private CommandSpec spec;

  /** In the order of help. */
  private static Map<String, Supplier<Subcommand>> commands() {
    Map<String, Supplier<Subcommand>> commands = new LinkedHashMap<>();
    commands.put("train", TrainCommand::new);
    commands.put("generate", GenerateCommand::new);
    commands.put("chat", ChatCommand::new);
    commands.put("eval", EvalCommand::new);
    commands.put("compare", CompareCommand::new);
    commands.put("data", DataCommand::new);
    commands.put("export", ExportCommand::new);
    commands.put("gradcheck", GradcheckCommand::new);
    commands.put("bench", BenchCommand::new);
    commands.put("profile", ProfileCommand::new);
    commands.put("doctor", DoctorCommand::new);
    return commands;
  }

  /** Runs the command line and returns its exit code: 0 done, 1 failed, 2 wrongly called. */
  static int execute(String... args) {
    StandardOutput output = StandardOutput.ofProcess();
    PrintWriter err = new PrintWriter(System.err, true, charset(System.err));
    return execute(output, charset(System.out), err, args);
  }

  /** A command whose output was lost has failed, whatever else it did. */
  static int execute(StandardOutput output, Charset charset, PrintWriter err, String... args) {
    int exitCode = execute(output.writer(charset), err, args);
    if (output.lost() == null) {
      return exitCode;
    }
    err.println("lanewise: the output could not be written: " + output.lost());
    err.flush();
    return exitCode == 0 ? CommandLine.ExitCode.SOFTWARE : exitCode;
  }

  /** As {@link #execute(String...)}, printing elsewhere. */
  static int execute(PrintWriter out, PrintWriter err, String... typed) {
    String[] args = helpAsOption(typed);
    CommandLine root = commandLine(args);
    root.setOut(out);
    root.setErr(err);
    int exitCode = root.execute(args);
    out.flush();
    err.flush();
    return exitCode;
  }

  /** Other programs have a command for help: {@code help train} is {@code train --help}. */
  private static String[] helpAsOption(String... args) {
    if (args.length == 0 || !args[0].equals(HELP)) {
      return args;
    }
    Stream<String> asked = Stream.of(args).filter(word -> !WORDS_FOR_HELP.contains(word));
    return Stream.concat(asked, Stream.of("--" + HELP)).toArray(String[]::new);
  }

  /** Returns the command line with all its commands. */
  static CommandLine commandLine() {
    return commandLine(new String[0]);
  }

  /** Each command has dozens of options to be made, so if one is called only that one is made. */
  private static CommandLine commandLine(String[] args) {
    CommandLine root = new CommandLine(new LanewiseCommand());
    boolean isNamed = args.length > 0 && COMMANDS.containsKey(args[0]);
    for (String name : isNamed ? Set.of(args[0]) : COMMANDS.keySet()) {
      add(root, COMMANDS.get(name).get());
    }
    if (!isNamed) {
      root.addSubcommand(HELP, help());
    }
    Verbatim.registerConverters(root);
    NumberConverters.register(root);
    // A prompt that begins with @ is a prompt.
    root.setExpandAtFiles(false);
    root.setExecutionStrategy(LanewiseCommand::runUnlessUnknown);
    root.setUsageHelpAutoWidth(true);
    root.setCaseInsensitiveEnumValuesAllowed(true);
    root.setParameterExceptionHandler(LanewiseCommand::explainWrongCall);
    return root;
  }

  /** For the list of commands; {@link #helpAsOption} leaves nothing for it to do. */
  private static CommandSpec help() {
    CommandSpec help = CommandSpec.create();
    help.usageMessage().description("Explains a command: lanewise help train.");
    return help;
  }

  private static void add(CommandLine root, Subcommand command) {
    CommandLine line = new CommandLine(command);
    command.addOptions(line.getCommandSpec());
    root.addSubcommand(line);
  }

  /** UTF-8 whatever the locale, as files are; but what a console of Windows shows. */
  private static Charset charset(PrintStream stream) {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    return windows ? stream.charset() : StandardCharsets.UTF_8;
  }

  /** Picocli passes over what it does not know when help is asked for. */
  private static int runUnlessUnknown(ParseResult called) {
    for (CommandLine line : called.asCommandLineList()) {
      if (!line.getUnmatchedArguments().isEmpty()) {
        throw new UnmatchedArgumentException(line, line.getUnmatchedArguments());
      }
    }
    return new CommandLine.RunLast().execute(called);
  }

  private static int explainWrongCall(ParameterException problem, String[] args) {
    CommandLine line = problem.getCommandLine();
    boolean watched = line.getCommand() instanceof WatchedCommand;
    if (watched && List.of(args).contains(WatchedCommand.JSON)) {
      JsonDisplay.error(
          line.getOut(),
          line.getCommandSpec().name(),
          problem.getMessage(),
          CommandLine.ExitCode.USAGE);
      return CommandLine.ExitCode.USAGE;
    }
    PrintWriter err = line.getErr();
    if (problem instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
      explainUnmatched(line, unmatched.getUnmatched().getFirst(), err);
      return CommandLine.ExitCode.USAGE;
    }
    err.println(problem.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(problem, err)) {
      tellOfHelp(line, err);
    }
    return CommandLine.ExitCode.USAGE;
  }

  private static void explainUnmatched(CommandLine line, String word, PrintWriter err) {
    if (line.getParent() != null) {
      err.printf("'%s' belongs to no option of %s.%n", word, line.getCommandName());
      tellOfHelp(line, err);
      return;
    }
    Set<String> commands = line.getSubcommands().keySet();
    err.printf("There is no command '%s'; there are %s.%n", word, String.join(", ", commands));
    commands.stream()
        .filter(name -> EditDistance.between(word, name) <= FARTHEST_GUESS)
        .min(Comparator.comparingInt(name -> EditDistance.between(word, name)))
        .ifPresentOrElse(
            name -> err.println("Did you mean: lanewise " + name + "?"),
            () -> tellOfHelp(line, err));
  }

  private static void tellOfHelp(CommandLine line, PrintWriter err) {
    err.println("Try '" + line.getCommandSpec().qualifiedName() + " --help'.");
  }

  @Override
  public void run() {
    ParseResult called = spec.commandLine().getParseResult();
    if (called.originalArgs().isEmpty()) {
      spec.commandLine().usage(spec.commandLine().getErr());
    }
    throw new ParameterException(spec.commandLine(), "Say which command to run.");
  }

  /** The version that the build wrote into the jar's manifest. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = LanewiseCommand.class.getPackage().getImplementationVersion();
      return new String[] {
        "lanewise " + (version == null ? "(not from a jar)" : version),
        "Java " + Runtime.version() + " (" + System.getProperty("java.vm.name") + ")"
      };
    }
  }
}
