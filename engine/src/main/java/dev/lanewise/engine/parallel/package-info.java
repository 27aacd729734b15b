/**
 * Workers, teams of them that compute something together, the shards of a batch, and the tree that
 * adds them in a fixed order.
 */
package dev.lanewise.engine.parallel;
