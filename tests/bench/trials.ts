/**
 * Trials that no command of Fettle measures by itself, each in a process of its own: `node trials.ts KIND JSON` prints the figures as
 * one JSON object.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { medianSeconds, productProgram } from '../../main/engine/bench/programs.ts';
import { flopsOf, MIDDLE_PRODUCT } from '../../main/engine/bench/shapes.ts';
import { buildTokenStore } from '../../main/engine/data/tokens/dataset.ts';
import { encoderFrom } from '../../main/engine/data/tokens/encode-work.ts';
import { CachedDecoder, decoderOf } from '../../main/engine/eval/cached-decoder.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { openModel } from '../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { cacheFolder } from '../../main/paths.ts';
import { peakResidentBytes } from '../../main/processes.ts';
import type { Figures } from './figures.ts';

interface Asked {
  readonly model: string;
  readonly data: string;
  readonly threads: number;
  /** Sequences side by side, tokens of a prompt, tokens that are generated. */
  readonly batch: number;
  readonly prompt: number;
  readonly generated: number;
}

const TRIALS: Readonly<Record<string, (asked: Asked) => Promise<Figures>>> = {
  /** What onnxruntime's float32 product of middling size reaches: the peak that MFU is a share of. */
  async product({ threads }) {
    const executor = await openExecutor('ort', { threads });
    const program = await productProgram(executor, MIDDLE_PRODUCT);
    const rates: number[] = [];
    for (let i = 0; i < 5; i++)
      rates.push(
        flopsOf(MIDDLE_PRODUCT) /
          (await medianSeconds(() => program.run(), 0.4, new AbortController().signal)),
      );
    await program.release();
    return { flopsPerSecond: Math.max(...rates) };
  },

  async tokenise({ model, data }) {
    const encoderSource = { tokenizer: model, newTokens: [], trainOn: 'answers' as const };
    const encodeRow = await encoderFrom(encoderSource);
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-'));
    const started = performance.now();
    const store = await buildTokenStore({
      ...{ files: [data], encodeRow, encoderSource, maxLength: 1024 },
      ...{ onBadRow: 'stop' as const, folder },
      encoderSource: { tokenizer: model, newTokens: [], trainOn: 'answers' },
    });
    const seconds = (performance.now() - started) / 1000;
    const { tokens } = store.stats;
    await store.close();
    fs.rmSync(folder, { recursive: true });
    return {
      bytesPerSecond: fs.statSync(data).size / seconds,
      tokensPerSecond: tokens / seconds,
      peakBytes: peakResidentBytes(),
    };
  },

  /** Reads prompts and continues them, greedily, with a cache of keys and values. */
  async decode({ model, threads, batch, prompt, generated }) {
    const opened = await openModel(model);
    const weights = await prepareWeights(opened, path.join(cacheFolder(), 'weights'));
    const executor = await openExecutor('ort', { threads });
    const decoder = new CachedDecoder(decoderOf({ opened, executor, weights }), batch);
    await decoder.reserve(prompt + generated + 1);
    const slots = Array.from({ length: batch }, (_, slot) => slot);
    const blocks = Array.from({ length: Math.ceil(prompt / BLOCK) }, (_, i) => i * BLOCK);
    const read = async () => {
      let logits: Float32Array[] = [];
      for (const start of blocks) {
        const ids = idsOf(start, Math.min(BLOCK, prompt - start));
        logits = await decoder.advance(
          slots.map((slot) => ({ slot, ids })),
          BLOCK,
        );
      }
      return logits;
    };
    const next = (logits: readonly Float32Array[]) =>
      decoder.advance(
        logits.map((one, slot) => ({ slot, ids: [likeliest(one)] })),
        1,
      );
    // both programs compiled and their memory used once
    await next(await read());
    for (const slot of slots) decoder.reset(slot);
    const started = performance.now();
    let logits = await read();
    const reading = performance.now();
    for (let i = 0; i < generated; i++) logits = await next(logits);
    const seconds = (performance.now() - reading) / 1000;
    await decoder.release();
    await opened.store.close();
    return {
      prefillPerSecond: (batch * prompt) / ((reading - started) / 1000),
      decodePerSecond: (batch * generated) / seconds,
      peakBytes: peakResidentBytes(),
    };
  },
};

/** Tokens of a prompt that are read at once. */
const BLOCK = 32;

/** Any ids: what they say does not change the time. */
function idsOf(start: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => 100 + ((start + i) % 1000));
}

function likeliest(logits: Float32Array): number {
  let best = 0;
  for (let i = 1; i < logits.length; i++) if (logits[i]! > logits[best]!) best = i;
  return best;
}

const [kind, asked] = process.argv.slice(2);
console.log(JSON.stringify(await TRIALS[kind!]!(JSON.parse(asked!) as Asked)));
