/** Learning rate as a function of the step, one schedule a file. */
package dev.lanewise.trainer.schedule;
