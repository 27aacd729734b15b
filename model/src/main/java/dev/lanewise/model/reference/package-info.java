/**
 * The whole GPT in float64 and plain loops: the file to read first, and the oracle of the tests.
 */
package dev.lanewise.model.reference;
