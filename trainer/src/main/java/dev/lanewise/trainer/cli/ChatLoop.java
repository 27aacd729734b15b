package dev.lanewise.trainer.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.Counted;
import dev.lanewise.trainer.chat.Answer;
import dev.lanewise.trainer.chat.ChatSession;
import dev.lanewise.trainer.chat.RefusedMessageException;
import dev.lanewise.trainer.cli.jvm.InterruptSignals;
import dev.lanewise.trainer.files.StorageProblem;
import dev.lanewise.trainer.run.RunFolder;
import dev.lanewise.trainer.text.InvalidTextException;
import dev.lanewise.trainer.text.conversation.ConversationFile;
import dev.lanewise.trainer.text.tokenizer.UnknownCharacterException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Messages and commands in, answers out, until the input ends. */
final class ChatLoop {

  static final String HELP =
      """
      /system TEXT  what the model is told before the conversation; without TEXT, nothing
      /reset        begin anew; the system message stays
      /save FILE    add the conversation to FILE: a line that lanewise train --data takes
      /help         these lines
      /quit         the end; so is the end of the input (Ctrl-D)
      // at its beginning makes a message that begins with /. Ctrl-C stops an answer.
      """;

  private final ChatSession session;
  private final ChatInput input;
  private final InterruptSignals signals;
  private final Display display;
  private final BooleanSupplier isOutputLost;
  private int messages;
  private int refused;

  /**
   * Makes a loop.
   *
   * @param isOutputLost whether nobody reads the answers any more
   */
  ChatLoop(
      ChatSession session,
      ChatInput input,
      InterruptSignals signals,
      Display display,
      BooleanSupplier isOutputLost) {
    this.session = session;
    this.input = input;
    this.signals = signals;
    this.display = display;
    this.isOutputLost = isOutputLost;
  }

  /** Returns what became of all messages. */
  Totals run() throws IOException {
    boolean goesOn = true;
    while (goesOn && !signals.isEnding() && !isOutputLost.getAsBoolean()) {
      try {
        String line = input.next();
        goesOn = line != null && take(line);
      } catch (InvalidTextException e) {
        messages++;
        refuse(e.getMessage());
      }
    }
    return new Totals(messages, refused);
  }

  /** Returns whether to go on. */
  private boolean take(String line) {
    if (line.isBlank()) {
      return true;
    }
    if (line.startsWith("//")) {
      answer(line.substring(1));
      return true;
    }
    if (line.startsWith("/")) {
      return obey(line.strip());
    }
    answer(line);
    return true;
  }

  private void answer(String message) {
    messages++;
    signals.begin();
    try {
      Answer answer =
          session.say(
              message, () -> signals.isCaught() || isOutputLost.getAsBoolean(), display::piece);
      display.result(new Answered(messages, answer));
      tellLimits(answer);
    } catch (RefusedMessageException | UnknownCharacterException e) {
      refuse(e.getMessage());
    } finally {
      signals.end();
    }
  }

  private void refuse(String why) {
    refused++;
    display.warning(why);
  }

  private void tellLimits(Answer answer) {
    if (answer.leftTurns() > 0) {
      display.note(
          "the conversation is longer than the %d tokens that the model sees: it no longer sees the oldest %s"
              .formatted(
                  session.context(),
                  answer.leftTurns() == 1 ? "turn" : answer.leftTurns() + " turns"));
    }
    if (answer.end() == Answer.End.MAX_TOKENS) {
      display.note(
          "the answer was cut after " + Counted.of(answer.tokens(), "token") + " (--max-tokens)");
    } else if (answer.end() == Answer.End.CONTEXT) {
      display.note("the answer was cut: the context of the model is full");
    }
  }

  private boolean obey(String line) {
    int space = line.indexOf(' ');
    String command = space < 0 ? line : line.substring(0, space);
    String argument = space < 0 ? "" : line.substring(space).strip();
    switch (command) {
      case "/system" -> {
        session.setSystem(argument);
        tell(argument.isEmpty() ? "The model is told nothing." : "The model is told: " + argument);
      }
      case "/reset" -> {
        session.reset();
        tell("A new conversation.");
      }
      case "/save" -> save(argument);
      case "/help" -> tell(HELP.stripTrailing());
      case "/quit", "/exit" -> {
        return false;
      }
      default ->
          display.warning(
              command
                  + ": there is no such command; /help names those there are, and // sends a message that begins with /");
    }
    return true;
  }

  private void save(String name) {
    if (name.isEmpty()) {
      display.warning("/save needs the name of a file");
    } else if (session.conversation().messages().stream().noneMatch(ChatLoop::isAnswer)) {
      display.warning("/save: there is no answer yet");
    } else {
      try {
        Path file = Path.of(name);
        Optional<String> around = RunFolder.partOfARunAround(file);
        if (around.isPresent()) {
          display.warning("/save: %s is inside %s".formatted(file, around.get()));
          return;
        }
        if (RunFolder.isFileOfARun(file)) {
          display.warning("/save: %s is a file of a run, which writes it itself".formatted(file));
          return;
        }
        append(file);
        tell("Added to " + name + ".");
      } catch (IOException | InvalidPathException e) {
        display.warning("/save: " + Failure.explain("chat", e));
      }
    }
  }

  private void append(Path file) throws IOException {
    try {
      ConversationFile.append(file, session.conversation());
    } catch (IOException e) {
      throw StorageProblem.explain(file, e, "/save");
    }
  }

  private static boolean isAnswer(Map<String, Object> message) {
    return "assistant".equals(message.get("role"));
  }

  private void tell(String text) {
    display.tell(new Told(text));
  }

  /** What a command of the user did. */
  record Told(String text) implements Message {
    @Override
    public String type() {
      return "chat";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("message", text);
    }
  }

  /** An answer; people have read it as it came. */
  private record Answered(int message, Answer answer) implements Message {
    @Override
    public String type() {
      return "answer";
    }

    @Override
    public String text() {
      return "";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeNumberField("message", message);
      json.writeStringField("text", answer.text());
      json.writeStringField("end", answer.end().name().toLowerCase(Locale.ROOT));
      json.writeNumberField("prompt_tokens", answer.promptTokens());
      json.writeNumberField("kept_tokens", answer.keptTokens());
      json.writeNumberField("tokens", answer.tokens());
      json.writeNumberField("left_turns", answer.leftTurns());
    }
  }

  /** What became of all messages; only scripts are told. */
  record Totals(int messages, int refused) implements Message {
    @Override
    public String type() {
      return "result";
    }

    @Override
    public String text() {
      return "";
    }

    @Override
    public void write(JsonGenerator json) throws IOException {
      json.writeStringField("command", "chat");
      json.writeNumberField("messages", messages);
      json.writeNumberField("refused", refused);
    }
  }
}
