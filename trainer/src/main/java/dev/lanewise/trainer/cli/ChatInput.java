package dev.lanewise.trainer.cli;

import java.io.IOException;

/** Where the messages of a chat come from. */
interface ChatInput extends AutoCloseable {

  /**
   * The next message or command, null at the end.
   *
   * @throws dev.lanewise.trainer.text.InvalidTextException if it is not UTF-8; the next call goes
   *     on behind it
   */
  String next() throws IOException;

  @Override
  void close() throws IOException;
}
