#!/usr/bin/env python3
"""Reads a model of the family `lanewise` and computes logits: what its files mean, in plain loops.

    python3 lanewise_model.py FOLDER 12 5 7

prints, as JSON, the logits of the token after each of the ids. FOLDER holds config.json and
model.safetensors, as a checkpoint does, and of a large table of n-grams a file with its base. Needs
nothing but Python. Matrices are [in, out]: y = x W.
"""
import array
import json
import math
import struct
import sys
from pathlib import Path

MASK = (1 << 64) - 1


def read_file(path):
    """Texts, and name to (shape, flat floats), of a safetensors file of F32 tensors."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    texts = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise ValueError(f"{name} is {entry['dtype']}, not F32")
        begin, end = (8 + length + offset for offset in entry["data_offsets"])
        values = array.array("f", data[begin:end])
        if sys.byteorder == "big":
            values.byteswap()
        tensors[name] = (entry["shape"], values)
    return texts, tensors


def read_tensors(path):
    """As read_file; tensors of which the file has the rows that differ from a base are made whole."""
    texts, tensors = read_file(path)
    for text, base in texts.items():
        if not text.startswith("lanewise.base."):
            continue
        name = text.removeprefix("lanewise.base.")
        shape, values = read_file(Path(path).with_name(base))[1][name]
        _, rows = tensors.pop(name + ".rows", (None, []))
        _, numbers = tensors.pop(name + ".row_numbers", (None, []))
        size = shape[-1]
        for i, number in enumerate(numbers):
            row = int(number)
            values[row * size : (row + 1) * size] = rows[i * size : (i + 1) * size]
        tensors[name] = (shape, values)
    return tensors


def ngram_row(ids, position, tokens, rows, vocabulary):
    """The row of a table of n-grams; what lies before the text is token number `vocabulary`."""
    gram = [ids[i] if i >= 0 else vocabulary for i in range(position - tokens + 1, position + 1)]
    if vocabulary * (vocabulary + 1) ** (tokens - 1) <= rows:
        row = 0
        for i in gram[:-1]:
            row = row * (vocabulary + 1) + i
        return row * vocabulary + gram[-1]
    h = tokens
    for i in gram:
        h = (h + i + 1) * 0x9E3779B97F4A7C15 & MASK
        h ^= h >> 32
    return (h >> 33) * rows >> 31


class Model:
    def __init__(self, folder):
        folder = Path(folder)
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        if self.config["model_type"] != "lanewise":
            raise ValueError(f"{folder} is a {self.config['model_type']}, not a lanewise")
        self.tensors = read_tensors(folder / "model.safetensors")
        self.epsilon = self.config["rms_norm_eps"]

    def row(self, name, i):
        shape, values = self.tensors[name]
        return values[i * shape[-1] : (i + 1) * shape[-1]]

    def linear(self, x, name):
        (_, columns), w = self.tensors[name]
        y = [0.0] * columns
        for i, value in enumerate(x):
            for j in range(columns):
                y[j] += value * w[i * columns + j]
        return y

    def norm(self, x, name):
        scale = 1 / math.sqrt(sum(v * v for v in x) / len(x) + self.epsilon)
        return [v * scale * gain for v, gain in zip(x, self.row(name, 0))]

    def rotate(self, head, position):
        """Rotary positions: element i turns with element i + half."""
        half = len(head) // 2
        turned = list(head)
        for i in range(half):
            angle = position * self.config["rope_theta"] ** (-2 * i / len(head))
            a, b = head[i], head[i + half]
            turned[i] = a * math.cos(angle) - b * math.sin(angle)
            turned[i + half] = b * math.cos(angle) + a * math.sin(angle)
        return turned

    def embed(self, ids, position):
        vocabulary = self.config["vocab_size"]
        x = list(self.row("embedding.weight", ids[position]))
        for table in filter(None, self.config["ngram_rows"].split(",")):
            tokens, rows = map(int, table.split(":"))
            row = ngram_row(ids, position, tokens, rows, vocabulary)
            x = [a + b for a, b in zip(x, self.row(f"ngrams.{tokens}.weight", row))]
        return self.norm(x, "embedding_norm.weight")

    def attention(self, xs, ids, name):
        queries = self.config["num_attention_heads"]
        keys = self.config["num_key_value_heads"]
        size = self.config["head_dim"]
        table = name + ".value_embedding.weight"
        q, k, v = [], [], []
        for t, x in enumerate(xs):
            heads = self.linear(x, name + ".qkv.weight")
            heads = [heads[i : i + size] for i in range(0, len(heads), size)]
            q.append([self.rotate(self.norm(h, name + ".query_norm.weight"), t) for h in heads[:queries]])
            k.append([self.rotate(self.norm(h, name + ".key_norm.weight"), t) for h in heads[queries:-keys]])
            v.append(heads[-keys:])
            if table in self.tensors:
                more = self.row(table, ids[t])
                v[t] = [[a + more[h * size + d] for d, a in enumerate(head)] for h, head in enumerate(v[t])]
        mixed = []
        for t in range(len(xs)):
            row = []
            for h in range(queries):
                g = h // (queries // keys)
                scores = [sum(map(lambda a, b: a * b, q[t][h], k[s][g])) / math.sqrt(size) for s in range(t + 1)]
                most = max(scores)
                weights = [math.exp(score - most) for score in scores]
                total = sum(weights)
                row += [sum(w * v[s][g][d] for s, w in enumerate(weights)) / total for d in range(size)]
            mixed.append(self.linear(row, name + ".output.weight"))
        return mixed

    def logits(self, ids):
        embedded = [self.embed(ids, t) for t in range(len(ids))]
        xs = embedded
        for layer in range(self.config["num_hidden_layers"]):
            name = f"layers.{layer}"
            stream, again = self.row(name + ".input.weight", 0)
            xs = [[stream * a + again * b for a, b in zip(x, e)] for x, e in zip(xs, embedded)]
            normed = [self.norm(x, name + ".attention_norm.weight") for x in xs]
            attended = self.attention(normed, ids, name + ".attention")
            xs = [[a + b for a, b in zip(x, y)] for x, y in zip(xs, attended)]
            for t, x in enumerate(xs):
                hidden = self.linear(self.norm(x, name + ".feed_forward_norm.weight"), name + ".feed_forward.up.weight")
                fed = self.linear([max(a, 0) ** 2 for a in hidden], name + ".feed_forward.down.weight")
                xs[t] = [a + b for a, b in zip(x, fed)]
        vocabulary = self.config["vocab_size"]
        result = []
        for x in xs:
            x = self.norm(x, "final_norm.weight")
            result.append([sum(map(lambda a, b: a * b, x, self.row("head.weight", i))) for i in range(vocabulary)])
        return result


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    print(json.dumps(Model(sys.argv[1]).logits([int(i) for i in sys.argv[2:]])))
