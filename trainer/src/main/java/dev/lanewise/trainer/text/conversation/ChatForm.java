package dev.lanewise.trainer.text.conversation;

import dev.lanewise.model.io.ConfigFields;
import dev.lanewise.model.io.InvalidFileException;
import dev.lanewise.model.io.RegularFile;
import dev.lanewise.trainer.files.Sha256;
import dev.lanewise.trainer.text.template.ChatTemplate;
import dev.lanewise.trainer.text.template.Rendering;
import dev.lanewise.trainer.text.template.TemplateException;
import dev.lanewise.trainer.text.tokenizer.AddedToken;
import dev.lanewise.trainer.text.tokenizer.Tokenizer;
import dev.lanewise.trainer.text.tokenizer.TokenizerJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How a model's conversations are written: its own chat template, or a built-in one that its
 * special tokens fit.
 */
public final class ChatForm {
  private static final String FILE = "chat_template.jinja";
  private static final String FIELD = "chat_template";
  private static final String DEFAULT = "default";
  private static final String WITH_TOOLS = "tool_use";
  private static final String SPECIAL_TOKENS = "special_tokens_map.json";
  private static final int MOST_BYTES = 1 << 22;
  private static final List<String> ROLES =
      List.of(
          "bos_token",
          "eos_token",
          "unk_token",
          "sep_token",
          "pad_token",
          "cls_token",
          "mask_token");

  private static final String CHATML =
      """
      {%- for message in messages %}
          {{- '<|im_start|>' + message.role + '\\n' }}
          {%- if message.role == 'assistant' %}
              {%- generation %}
                  {{- message.content + '<|im_end|>' }}
              {%- endgeneration %}
          {%- else %}
              {{- message.content + '<|im_end|>' }}
          {%- endif %}
          {{- '\\n' }}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|im_start|>assistant\\n' }}
      {%- endif %}
      """;

  private static final String LLAMA3 =
      """
      {{- bos_token }}
      {%- for message in messages %}
          {{- '<|start_header_id|>' + message.role + '<|end_header_id|>\\n\\n' }}
          {%- if message.role == 'assistant' %}
              {%- generation %}
                  {{- message.content | trim + '<|eot_id|>' }}
              {%- endgeneration %}
          {%- else %}
              {{- message.content | trim + '<|eot_id|>' }}
          {%- endif %}
      {%- endfor %}
      {%- if add_generation_prompt %}
          {{- '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}
      {%- endif %}
      """;

  private final String origin;
  private final Map<String, Template> templates;
  private final Map<String, String> tokens;

  /** The same for all conversations, also if a day ends between them. */
  private final ZonedDateTime now;

  /** A template, and what it was made of. */
  private record Template(String source, ChatTemplate parsed) {}

  private ChatForm(String origin, Map<String, Template> templates, Map<String, String> tokens) {
    this(origin, templates, tokens, ZonedDateTime.now(ZoneId.systemDefault()));
  }

  private ChatForm(
      String origin,
      Map<String, Template> templates,
      Map<String, String> tokens,
      ZonedDateTime now) {
    this.origin = origin;
    this.templates = templates;
    this.tokens = tokens;
    this.now = now;
  }

  /**
   * Returns the same as it is at the beginning of a day, in UTC: templates may ask for the date.
   */
  public ChatForm on(LocalDate day) {
    return new ChatForm(origin, templates, tokens, day.atStartOfDay(ZoneOffset.UTC));
  }

  /** Returns SHA-256, in hex, of the templates and of the special tokens that they are told. */
  public String fingerprint() {
    StringBuilder all = new StringBuilder();
    new TreeMap<>(templates).forEach((name, template) -> append(all, name, template.source()));
    new TreeMap<>(tokens).forEach((name, token) -> append(all, name, token));
    return HexFormat.of()
        .formatHex(Sha256.digest().digest(all.toString().getBytes(StandardCharsets.UTF_8)));
  }

  private static void append(StringBuilder all, String name, String value) {
    all.append(name).append(' ').append(value.length()).append(' ').append(value);
  }

  /**
   * Finds the template of a model's folder: {@code chat_template.jinja}, or {@code chat_template}
   * in {@code tokenizer_config.json}, or else a built-in one.
   *
   * @throws InvalidFileException if the template uses what is not supported; it names that and its
   *     line
   */
  public static ChatForm of(Path folder, Tokenizer tokenizer) throws IOException {
    Map<String, String> tokens = tokens(folder);
    Path file = folder.resolve(FILE);
    if (Files.exists(file)) {
      String source = new String(RegularFile.read(file, MOST_BYTES), StandardCharsets.UTF_8);
      return new ChatForm(FILE, Map.of(DEFAULT, parsed(file, "", source)), tokens);
    }
    Path configuration = folder.resolve(TokenizerJson.CONFIGURATION_FILE);
    Map<String, Template> own = Files.exists(configuration) ? configured(configuration) : Map.of();
    return own.isEmpty()
        ? builtIn(tokenizer, tokens)
        : new ChatForm(TokenizerJson.CONFIGURATION_FILE, own, tokens);
  }

  private static Map<String, String> tokens(Path folder) throws IOException {
    Map<String, String> tokens = new HashMap<>();
    for (String name : List.of(SPECIAL_TOKENS, TokenizerJson.CONFIGURATION_FILE)) {
      Path file = folder.resolve(name);
      if (!Files.exists(file)) {
        continue;
      }
      ConfigFields fields = ConfigFields.read(file);
      for (String role : ROLES) {
        if (fields.has(role)) {
          tokens.put(
              role,
              fields.isObject(role)
                  ? fields.object(role).string("content", "")
                  : fields.string(role, ""));
        }
      }
    }
    return tokens;
  }

  private static Map<String, Template> configured(Path file) throws IOException {
    ConfigFields fields = ConfigFields.read(file);
    Map<String, Template> templates = new LinkedHashMap<>();
    if (!fields.isList(FIELD)) {
      String source = fields.string(FIELD, "");
      return source.isEmpty() ? templates : Map.of(DEFAULT, parsed(file, FIELD, source));
    }
    for (Object item : fields.list(FIELD)) {
      if (!(item instanceof ConfigFields named)) {
        throw new InvalidFileException(file, FIELD, "expected objects with name and template");
      }
      String name = named.string("name", "");
      // Others, such as those for retrieval, are never asked for.
      if (name.equals(DEFAULT) || name.equals(WITH_TOOLS)) {
        templates.put(name, parsed(file, FIELD, named.string("template", "")));
      }
    }
    if (!templates.isEmpty() && !templates.containsKey(DEFAULT)) {
      throw new InvalidFileException(file, FIELD, "has no template named " + DEFAULT);
    }
    return templates;
  }

  private static Template parsed(Path file, String field, String source)
      throws InvalidFileException {
    try {
      return new Template(source, ChatTemplate.parse(source));
    } catch (TemplateException e) {
      throw new InvalidFileException(
          file, field, "the chat template cannot be used: " + e.getMessage(), e);
    }
  }

  private static Template builtIn(String source) {
    return new Template(source, ChatTemplate.parse(source));
  }

  private static ChatForm builtIn(Tokenizer tokenizer, Map<String, String> tokens) {
    Set<String> names =
        tokenizer.addedTokens().stream().map(AddedToken::name).collect(Collectors.toSet());
    if (names.containsAll(Set.of("<|im_start|>", "<|im_end|>"))) {
      return new ChatForm("ChatML, built in", Map.of(DEFAULT, builtIn(CHATML)), tokens);
    }
    if (names.containsAll(Set.of("<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"))) {
      String begin = "<|begin_of_text|>";
      tokens.putIfAbsent("bos_token", names.contains(begin) ? begin : "");
      return new ChatForm("Llama 3's form, built in", Map.of(DEFAULT, builtIn(LLAMA3)), tokens);
    }
    return new ChatForm("none", Map.of(), tokens);
  }

  /** Where the template comes from, for people; "none" if there is none. */
  public String origin() {
    return origin;
  }

  /** Whether conversations can be written at all. */
  public boolean isThere() {
    return !templates.isEmpty();
  }

  /**
   * Writes a conversation.
   *
   * @param promptsAnswer whether the beginning of an answer follows
   * @throws TemplateException if the template refuses it
   * @throws IllegalStateException if there is no template
   */
  public Rendering render(Document.Conversation conversation, boolean promptsAnswer) {
    if (!isThere()) {
      throw new IllegalStateException("the model has no chat template");
    }
    Template template = templates.get(DEFAULT);
    if (conversation.tools() != null && templates.containsKey(WITH_TOOLS)) {
      template = templates.get(WITH_TOOLS);
    }
    Map<String, Object> variables = new HashMap<>(tokens);
    variables.putAll(conversation.variables());
    variables.put("messages", conversation.messages());
    variables.put("tools", conversation.tools());
    variables.put("documents", null);
    variables.put("add_generation_prompt", promptsAnswer);
    return template.parsed().render(variables, now);
  }
}
