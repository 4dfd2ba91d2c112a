/** A tiny encoder with the texts and reference values of a training. */
import path from 'node:path';
import { encoderStore, readerIn } from '../../main/engine/load/open-encoder.ts';
import { locateAll, type OpenedFiles, readConfig } from '../../main/engine/load/open-model.ts';
import { readSentenceSettings } from '../../main/engine/load/sentence-settings.ts';
import { prepareWeights, type Weights } from '../../main/engine/load/weights.ts';
import { type Encoder, encoderOutline } from '../../main/engine/models/encoder.ts';
import { type Arrays, openArrays, readJson } from './case.ts';

export interface EncoderTrace {
  readonly losses: readonly number[];
  readonly grad_norms: readonly number[];
  readonly after: number;
  readonly parameter_norms: Readonly<Record<string, number>>;
}

/** How the steps of a trace were made. */
export interface TraceSettings {
  readonly steps: number;
  readonly rate: number;
  readonly weight_decay: number;
  readonly max_norm: number;
}

export interface EncoderCase<Traces> {
  readonly opened: OpenedFiles;
  readonly encoder: Encoder;
  readonly weights: Weights;
  readonly expected: Arrays;
  readonly traces: Traces;
  /** Of each text, without padding. */
  readonly ids: readonly (readonly number[])[];
  close(): Promise<void>;
}

const data = path.join(import.meta.dirname, 'data');

/** The encoder of `family`, beside the values in `folder` that trainings of it gave; `cache` for its weights. */
export async function openEncoderCase<Traces>(
  family: string,
  { folder, file }: { readonly folder: string; readonly file: string },
  cache: string,
): Promise<EncoderCase<Traces>> {
  const at = path.join(data, 'encoders', family);
  const config = await readConfig(path.join(at, 'config.json'));
  const encoder = await readerIn(at, config, { dense: (await readSentenceSettings(at)).dense ?? [] });
  const files = { path: at, kind: 'folder', config, store: await encoderStore(at, encoder) } as const;
  const opened = locateAll(files, encoderOutline(encoder), encoder);
  const expected = await openArrays(path.join(data, folder, family, file));
  const [rows, time] = expected.shape('input_ids') as [number, number];
  const [all, mask] = [await expected.ints('input_ids'), await expected.ints('attention_mask')];
  return {
    ...{ opened, encoder, expected },
    weights: await prepareWeights(opened, cache),
    traces: await readJson<Traces>(path.join(data, folder, family), 'trace.json'),
    ids: Array.from({ length: rows }, (_, row) =>
      [...all.subarray(row * time, (row + 1) * time)].filter((_, i) => mask[row * time + i] === 1),
    ),
    async close() {
      await expected.close();
      await opened.store.close();
    },
  };
}
