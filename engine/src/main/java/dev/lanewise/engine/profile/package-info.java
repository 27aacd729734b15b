/** Flight recorder events that say where the time of a training step goes. */
package dev.lanewise.engine.profile;
