package dev.lanewise.trainer.text.conversation;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.JsonText;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.DurableFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;

/** A file of conversations that grows by a line for each, as {@link JsonLines} reads it. */
public final class ConversationFile {
  private static final byte[] PACKED = {0x1f, (byte) 0x8b};

  private ConversationFile() {}

  /**
   * Adds a conversation at the end of a file, which is created if need be.
   *
   * @throws IOException if it cannot be written, or the file is packed
   */
  public static void append(Path file, Document.Conversation conversation) throws IOException {
    RegularFile.require(file, problem -> new InvalidFileException(file, "", problem));
    byte[] line = line(conversation);
    boolean there = RegularFile.isThere(file);
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long size = channel.size();
      if (size >= PACKED.length && at(channel, 0) == PACKED[0] && at(channel, 1) == PACKED[1]) {
        throw new InvalidFileException(file, "", "it is packed by gzip; name a file that is not");
      }
      boolean ended = size == 0 || at(channel, size - 1) == '\n';
      ByteBuffer bytes = ByteBuffer.allocate(line.length + 2);
      if (!ended) {
        bytes.put((byte) '\n');
      }
      bytes.put(line).put((byte) '\n').flip();
      append(channel, size, bytes, file);
    } catch (IOException e) {
      if (!there) {
        DurableFiles.deleteUnfinished(file, e);
      }
      throw e;
    }
  }

  private static void append(FileChannel channel, long size, ByteBuffer bytes, Path file)
      throws IOException {
    try {
      channel.position(size);
      DurableFiles.write(channel, bytes, file);
      channel.force(true);
    } catch (IOException e) {
      takeBack(channel, size, e);
      throw e;
    }
  }

  /** A part of a line would spoil the file for who reads it. */
  private static void takeBack(FileChannel channel, long size, IOException cause) {
    try {
      channel.truncate(size);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private static byte at(FileChannel channel, long position) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    channel.read(one, position);
    return one.get(0);
  }

  private static byte[] line(Document.Conversation conversation) {
    return JsonText.compact(
        json -> {
          json.writeFieldName("messages");
          write(json, conversation.messages());
          if (conversation.tools() != null) {
            json.writeFieldName("tools");
            write(json, conversation.tools());
          }
          if (!conversation.variables().isEmpty()) {
            json.writeFieldName("chat_template_kwargs");
            write(json, conversation.variables());
          }
        });
  }

  private static void write(JsonGenerator json, Object value) throws IOException {
    if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName((String) entry.getKey());
        write(json, entry.getValue());
      }
      json.writeEndObject();
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object item : list) {
        write(json, item);
      }
      json.writeEndArray();
    } else {
      // Strings, numbers, booleans and null need no codec.
      json.writeObject(value);
    }
  }
}
