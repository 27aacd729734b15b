/**
 * Ranks: processes, on one machine or several, that train one model together. They move bytes; what
 * is added, and in which order, is decided here.
 */
package dev.lanewise.engine.cluster;
