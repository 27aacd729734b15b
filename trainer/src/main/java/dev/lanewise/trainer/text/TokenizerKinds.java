package dev.lanewise.trainer.text;

import dev.lanewise.engine.registry.Registry;
import dev.lanewise.trainer.text.tokenizer.PostProcessor;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import dev.lanewise.trainer.text.tokenizer.bytefallback.ByteFallbackFiles;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairFiles;
import dev.lanewise.trainer.text.tokenizer.bytepair.BytePairTokenizer;
import dev.lanewise.trainer.text.tokenizer.character.CharacterFiles;
import dev.lanewise.trainer.text.tokenizer.merge.TextRules;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/** The tokenizers that come with the program: a new one is a line here. */
public final class TokenizerKinds {

  /** All of them. */
  public static final Registry<TokenizerKind> STANDARD =
      new Registry<>("tokenizer", List.of(Own.BPE, Own.BPE_CHAT, Own.CHAR, Own.GPT2));

  /** The name of byte pairs learned from the text. */
  public static final String BPE = Own.BPE.id();

  private static final String BPE_CHAT = Own.BPE_CHAT.id();

  /** Those of ChatML, behind the one that ends documents. */
  private static final List<String> TURNS =
      List.of(TextRules.END_OF_TEXT, "<|im_start|>", "<|im_end|>");

  private TokenizerKinds() {}

  /** Whether a kind learns as many tokens as are asked for. */
  public static boolean learns(String name) {
    return name.equals(BPE) || name.equals(BPE_CHAT);
  }

  /** Returns the fewest tokens of a kind that learns them. */
  public static int leastVocabulary(String name) {
    return BytePairTokenizer.MIN_VOCABULARY + (name.equals(BPE_CHAT) ? TURNS.size() : 0);
  }

  private enum Own implements TokenizerKind {
    /** Byte-level, when made of a text; read with byte fallback too. */
    BPE {
      @Override
      public String modelType() {
        return BytePairFiles.MODEL_TYPE;
      }

      @Override
      public Tokenizer read(TokenizerJson json, EndToken end) throws IOException {
        Tokenizer read =
            ByteFallbackFiles.isTold(json)
                ? ByteFallbackFiles.read(json).withEnd(end.name())
                : BytePairFiles.read(json).withEnd(end.name());
        PostProcessor.requireEndAlone(json, read.endToken());
        return read;
      }

      @Override
      public TokenizerChoice choice(int vocabulary) {
        return new TokenizerChoice.BytePairs(vocabulary);
      }

      @Override
      public int vocabularyBeforeTheText(int vocabulary) {
        return vocabulary;
      }
    },

    /**
     * Byte pairs for a model that is to be tuned on chats: its text has none of these tokens yet.
     */
    BPE_CHAT {
      @Override
      public String modelType() {
        return BPE.modelType();
      }

      @Override
      public Tokenizer read(TokenizerJson json, EndToken end) throws IOException {
        return BPE.read(json, end);
      }

      @Override
      public TokenizerChoice choice(int vocabulary) {
        return new TokenizerChoice.BytePairs(vocabulary, TURNS);
      }

      @Override
      public int vocabularyBeforeTheText(int vocabulary) {
        return vocabulary;
      }
    },

    /** One id per character of the text. */
    CHAR {
      @Override
      public String modelType() {
        return CharacterFiles.MODEL_TYPE;
      }

      @Override
      public Tokenizer read(TokenizerJson json, EndToken end) throws IOException {
        return CharacterFiles.read(json);
      }

      @Override
      public TokenizerChoice choice(int vocabulary) {
        return new TokenizerChoice.Characters();
      }

      @Override
      public int vocabularyBeforeTheText(int vocabulary) {
        return 1;
      }
    },

    /** GPT-2's own byte pairs, in files like those of any other. */
    GPT2 {
      @Override
      public String modelType() {
        return BPE.modelType();
      }

      @Override
      public Tokenizer read(TokenizerJson json, EndToken end) throws IOException {
        return BPE.read(json, end);
      }

      @Override
      public TokenizerChoice choice(int vocabulary) {
        return new TokenizerChoice.Given(BytePairTokenizer.gpt2());
      }

      @Override
      public int vocabularyBeforeTheText(int vocabulary) {
        return BytePairTokenizer.GPT2_VOCABULARY;
      }
    };

    @Override
    public String id() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
  }
}
