/** The layers of a transformer, each with an explicit forward and backward pass. */
package dev.lanewise.model.layer;
