/** The transformer: a decoder made of choices, trained in passes and generating token by token. */
package dev.lanewise.model;
