/** The GPT: its configuration, its parameters, and its forward and backward pass over a batch. */
package dev.lanewise.model;
