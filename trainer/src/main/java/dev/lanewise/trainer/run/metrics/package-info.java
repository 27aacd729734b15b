/** What a run says about itself: the log of its steps, the measured peak, and the report. */
package dev.lanewise.trainer.run.metrics;
