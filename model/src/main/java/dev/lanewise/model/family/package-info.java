/**
 * Families of models: how each writes its choices in {@code config.json} and its tensors in files, a
 * file each; and the folders in which Hugging Face's library keeps them.
 */
package dev.lanewise.model.family;
