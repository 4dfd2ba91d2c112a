/** Tiny models with adapters, exported: what the tests of exports share. */
import path from 'node:path';
import type { ExportResult } from '../../common/protocol/protocol.ts';
import { type ExportConfig, parseExportConfig } from '../../main/engine/config/config.ts';
import { writeAdapter } from '../../main/engine/io/peft.ts';
import { openModel, tokenizerPartsOf } from '../../main/engine/load/open-model.ts';
import { withNewRows } from '../../main/engine/load/ready-model.ts';
import { type ExportIo, exportRun } from '../../main/engine/session/session.ts';
import { noise } from './graphs.ts';
import { type TinyFamily, writeTinyModel } from './tiny-model.ts';

export interface TinyExportSource {
  readonly model: string;
  /** Random A and B for every linear layer, strong enough to change every answer. */
  readonly adapter: string;
}

/** Ranks and scales that differ by module, as `rank_pattern` and `alpha_pattern` allow. */
const PATTERNS = {
  rankPattern: { 'layers.1.mlp.up_proj': 6 },
  alphaPattern: { 'layers.0.self_attn.q_proj': 3 },
};

/** Makes a model of `family` and an adapter for it in `folder`, which brings `texts` along as new tokens. */
export async function writeTinyAdapted(
  folder: string,
  family: TinyFamily,
  texts: readonly string[] = [],
): Promise<TinyExportSource> {
  const model = await writeTinyModel(path.join(folder, family), family);
  const base = await openModel(model);
  const opened = withNewRows(base, await tokenizerPartsOf(base), texts);
  const modules = [...opened.outline.linears].map(([name, { inputs, outputs }], i) => {
    const r = /layers\.1\.mlp\.up_proj$/.test(name) ? 6 : 4;
    return [name, { a: noise(r * inputs, 2 * i, 0.3), b: noise(outputs * r, 2 * i + 1, 0.3), r }] as const;
  });
  const description = {
    ...{
      r: 4,
      loraAlpha: 8,
      loraDropout: 0,
      useRslora: family === 'qwen2',
      useDora: false,
      baseModel: model,
      ...PATTERNS,
    },
    targetModules: [...new Set(modules.map(([name]) => name.split('.').at(-1)!))],
    fanInFanOut: opened.model.transposedLinears,
  };
  await opened.store.close();
  const rows = [...opened.outline.tables].map((table, i) => {
    const values = noise(texts.length * opened.model.hiddenSize, 1000 + i, 0.3);
    return [table.replace(/\.weight$/, ''), values] as const;
  });
  const newTokens = opened.added ? { texts, first: opened.added.first, rows: new Map(rows) } : null;
  const adapter = path.join(folder, `${family}-adapter`);
  await writeAdapter(adapter, description, new Map(modules), 'f32', newTokens);
  return { model, adapter };
}

/** Exports with one thread; `io` may say when to stop. */
export async function exportTiny(
  config: Partial<ExportConfig> & Pick<ExportConfig, 'as' | 'out'>,
  io: Partial<ExportIo> = {},
): Promise<ExportResult> {
  const complete = parseExportConfig({ threads: 1, ...config });
  return await exportRun(complete, { emit: () => {}, stop: new AbortController().signal, ...io });
}
