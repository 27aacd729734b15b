/**
 * Workers, the caller and helpers on a pool of their own, the shards of a batch, and the tree that
 * adds them in a fixed order.
 */
package dev.lanewise.engine.parallel;
