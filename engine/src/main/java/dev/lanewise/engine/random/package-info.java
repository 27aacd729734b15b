/**
 * Counter-based random numbers: a draw is a function of seed, stream, step and index, never of what
 * was drawn before.
 */
package dev.lanewise.engine.random;
