/**
 * What a run says about itself: the log of its steps with memory and spikes of the loss, and the
 * measured peak.
 */
package dev.lanewise.trainer.run.metrics;
