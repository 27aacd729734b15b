/**
 * Where parameters, activations, packed weights, and keys and values lie, and what one worker reads
 * and writes on its way through the model.
 */
package dev.lanewise.model.memory;
