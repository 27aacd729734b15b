/**
 * Weights on disk: the safetensors format and GGUF, and fields of JSON files. Whatever is read is
 * validated first.
 */
package dev.lanewise.model.io;
