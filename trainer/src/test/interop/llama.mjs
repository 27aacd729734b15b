// What llama.cpp computes of a GGUF file, for LlamaCppTest. Arguments: the file, and a JSON object with "prompt" (ids),
// "count" (ids to generate), "lora" (the file of an adapter, or null) and "texts" (to be tokenized). Prints a JSON object: "ids" (the likeliest, one after the
// other), "logprobs" (of all ids, before each of them) and "tokens" (ids of each text).
import {getLlama, LlamaLogLevel} from "node-llama-cpp";

const [file, request] = process.argv.slice(2);
const {prompt, count, texts, lora} = JSON.parse(request);
const llama = await getLlama({gpu: false, build: "never", skipDownload: true, logLevel: LlamaLogLevel.error});
const model = await llama.loadModel({modelPath: file, gpuLayers: 0});
const context = await model.createContext({
  contextSize: 64,
  batchSize: 64,
  threads: 1,
  ...(lora ? {lora} : {}),
  flashAttention: false,
  // Halves would hide differences in the fourth digit.
  experimentalKvCacheKeyType: "F32",
  experimentalKvCacheValueType: "F32"
});
const sequence = context.getSequence();
const ids = [];
const logprobs = [];
let next = prompt;
while (ids.length < count) {
  const last = next.length - 1;
  const items = next.map((id, i) =>
    i < last ? id : [id, {generateNext: {probabilities: true, options: {temperature: 0}}}]);
  const probabilities = (await sequence.controlledEvaluate(items))[last].next.probabilities;
  const row = new Array(probabilities.size).fill(null);
  let best = null;
  for (const [id, probability] of probabilities) {
    best ??= id;
    row[id] = Math.log(probability);
  }
  ids.push(best);
  logprobs.push(row);
  next = [best];
}
const tokens = texts.map((text) => model.tokenize(text, false));
console.log(JSON.stringify({ids, logprobs, tokens}));
await llama.dispose();
