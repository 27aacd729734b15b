/**
 * Weights on disk: the safetensors format and Hugging Face's GPT-2 layout. Whatever is read is
 * validated first.
 */
package dev.lanewise.model.io;
