/**
 * What a run is: every setting that decides its result, the presets, and how settings are layered.
 */
package dev.lanewise.trainer.settings;
