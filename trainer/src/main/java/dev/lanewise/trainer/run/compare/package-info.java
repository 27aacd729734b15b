/** Several runs beside each other: what differs in them, and what came of it. */
package dev.lanewise.trainer.run.compare;
