package dev.lanewise.trainer.text.template;

import java.util.Iterator;

/**
 * Python's generator, which can be gone through once: what {@code map}, {@code select} and their
 * like give.
 */
record Lazy(Iterator<Object> items) {}
