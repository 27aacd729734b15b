package dev.lanewise.example;

import dev.lanewise.trainer.chat.ChatSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** USAGE's example of a conversation. */
public final class TalkToAModel {

  private TalkToAModel() {}

  /** Asks two questions, shows the answers as they come, and returns the second. */
  public static String ask(Path folder, Consumer<String> screen) throws IOException {
    // USAGE: begin chat
    try (ChatSession chat = ChatSession.open(folder)) {
      chat.setSystem("Answer in one sentence.");
      chat.say("When do you open?", screen); // told each piece of the answer as it comes
      return chat.say("And on Sundays?", screen).text();
    }
    // USAGE: end chat
  }
}
