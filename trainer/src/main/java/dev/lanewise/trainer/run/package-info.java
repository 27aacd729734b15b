/**
 * A run as a folder: trained from its beginning or resumed, with checkpoints, evaluations and
 * samples along the way, and the models that come out of it.
 */
package dev.lanewise.trainer.run;
