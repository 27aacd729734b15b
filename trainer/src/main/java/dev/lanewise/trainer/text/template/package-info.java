/**
 * Chat templates: the part of Jinja2 that models' templates are written in, rendered as the
 * transformers library renders it (sandboxed, blocks trimmed, loop controls, generation tags).
 * Nothing a template does reaches beyond its own text.
 */
package dev.lanewise.trainer.text.template;
