/** The transformer: a decoder made of choices, trained in passes, and going on with texts. */
package dev.lanewise.model;
