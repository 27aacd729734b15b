package dev.lanewise.trainer.text.conversation;

import dev.lanewise.trainer.text.template.Rendering.Span;
import java.util.List;
import java.util.Set;

/**
 * A rendered conversation.
 *
 * @param text what the template wrote
 * @param data where names of special tokens begin that are a message's text
 * @param generated what the template's generation tags enclose
 */
record WrittenText(String text, Set<Integer> data, List<Span> generated) {}
