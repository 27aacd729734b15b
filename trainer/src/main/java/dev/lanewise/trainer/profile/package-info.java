/**
 * Where the time of training goes: recorded by the flight recorder, and read back from its files.
 */
package dev.lanewise.trainer.profile;
