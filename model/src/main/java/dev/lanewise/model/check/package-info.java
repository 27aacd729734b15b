/**
 * The model in float64 and plain loops, and the check of all gradients against it. Read {@link
 * dev.lanewise.model.check.ReferenceTransformer} first.
 */
package dev.lanewise.model.check;
