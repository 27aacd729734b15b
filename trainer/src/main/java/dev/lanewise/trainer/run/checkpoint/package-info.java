/**
 * Checkpoints: folders that a killed process, a full disk or a damaged file cannot take a run away
 * with. Written beside their place and renamed, verified before they are used.
 */
package dev.lanewise.trainer.run.checkpoint;
