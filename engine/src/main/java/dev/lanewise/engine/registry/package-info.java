/** What files and settings can name, and where an addition is registered. */
package dev.lanewise.engine.registry;
