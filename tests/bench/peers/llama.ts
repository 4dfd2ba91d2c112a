/** Reading a prompt and generating with llama.cpp: `node llama.ts JSON` prints the figures as one JSON object. */
import { getLlama, LlamaLogLevel, type Token } from 'node-llama-cpp';
import { peakResidentBytes } from '../../../main/processes.ts';

const { file, threads, prompt, generated } = JSON.parse(process.argv[2]!) as {
  readonly file: string;
  readonly threads: number;
  readonly prompt: number;
  readonly generated: number;
};

const llama = await getLlama({
  ...{ gpu: false, build: 'never', skipDownload: true, progressLogs: false },
  ...{ maxThreads: threads, logLevel: LlamaLogLevel.error },
});
const model = await llama.loadModel({ modelPath: file, gpuLayers: 0 });
const context = await model.createContext({ contextSize: prompt + generated + 1, batchSize: 512, threads });
const sequence = context.getSequence();
const ids = Array.from({ length: prompt }, (_, i) => (100 + (i % 1000)) as Token);

/** The likeliest token after `tokens`. */
async function next(tokens: readonly Token[]): Promise<Token> {
  const outputs = await sequence.controlledEvaluate([
    ...tokens.slice(0, -1),
    [tokens.at(-1)!, { generateNext: { token: true } }],
  ]);
  return outputs.at(-1)!.next!.token!;
}

await next(ids);
await sequence.clearHistory();
const started = performance.now();
let token = await next(ids);
const reading = performance.now();
for (let i = 0; i < generated; i++) token = await next([token]);
const seconds = (performance.now() - reading) / 1000;
console.log(
  JSON.stringify({
    prefillPerSecond: prompt / ((reading - started) / 1000),
    decodePerSecond: generated / seconds,
    peakBytes: peakResidentBytes(),
  }),
);
await llama.dispose();
