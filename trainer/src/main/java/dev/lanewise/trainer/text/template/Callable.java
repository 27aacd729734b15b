package dev.lanewise.trainer.text.template;

/**
 * What a template can call: a global function, a method bound to its value, a macro, a loop that
 * calls itself.
 */
interface Callable {
  Object call(Evaluation e, Arguments arguments);
}
