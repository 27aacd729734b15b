/** A conversation with a model: turns, the part of them that it sees, and its answers. */
package dev.lanewise.trainer.chat;
