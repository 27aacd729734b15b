/**
 * Workers on a dedicated pool, the shards of a batch, and the tree that adds them in a fixed order.
 */
package dev.lanewise.engine.parallel;
