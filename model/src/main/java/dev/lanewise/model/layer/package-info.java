/**
 * The layers of a transformer: forward, backward and decode beside each other, a file for each layer
 * and each choice of one.
 */
package dev.lanewise.model.layer;
