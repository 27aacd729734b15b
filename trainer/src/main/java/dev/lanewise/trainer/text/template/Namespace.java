package dev.lanewise.trainer.text.template;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The one thing a template may change: {@code namespace(...)}, whose attributes {@code set}
 * assigns.
 */
final class Namespace {
  final Map<Object, Object> attributes = new LinkedHashMap<>();
}
