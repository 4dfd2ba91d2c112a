/**
 * Commands that make files or a run of trained ones, without training: `fettle export`, `merge` and `blend`.
 */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../common/errors.ts';
import type { ExportResult, MergeResult } from '../../common/protocol/protocol.ts';
import { BLEND_SETTINGS, EXPORT_SETTINGS, MERGE_SETTINGS } from '../../common/settings/commands.ts';
import { recordExport } from '../app/history.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import {
  type BlendRequest,
  parseBlendRequest,
  parseExportConfig,
  parseMergeConfig,
  parseRunConfig,
  RUN_FILE,
  type RunConfig,
  savedSettings,
} from '../engine/config/config.ts';
import { removePartials } from '../folders.ts';
import { wantsJson } from './arguments.ts';
import { EXIT } from './command.ts';
import { printResult } from './display.ts';
import { commandOf, readSettings } from './settings.ts';
import { trainTo } from './train.ts';
import { bytes, duration, number, plural, printable, within } from './words.ts';

export const exportCommand = commandOf({
  name: 'export',
  settings: EXPORT_SETTINGS,
  parse: parseExportConfig,
  usage: 'export --run FOLDER --as peft|safetensors|gguf|onnx|json [--type TYPE] --out PATH [flags]',
  about:
    'Every export is checked: it is loaded back (GGUF files by llama.cpp) and must give the answers of the trained model; a sorter is asked all its test rows. ' +
    'Nothing is overwritten, and an interrupted export leaves nothing behind.',
  examples: [
    'fettle export --run runs/first --as gguf --type q8_0 --out exports/first',
    'fettle export --run runs/first --as safetensors --type bf16 --out exports/first-hf',
    'fettle export --run runs/first --as gguf --adapter-only --out exports/first-lora.gguf',
    'fettle export --model models/SmolLM2 --as gguf --out exports/SmolLM2.gguf',
    'fettle export --run sorters/mails --as onnx --type int8 --out exports/mails',
  ],
  async run(config, args, streams) {
    const work = async (io: WorkIo) => {
      const exporting = workHere('export', config, io);
      // an engine that was ended has not cleared up
      const result = await exporting.finally(() => removePartials(config.out));
      if (config.run !== undefined)
        await recordExport(config.run, result, (text) => streams.err.write(`${text}\n`));
      return result;
    };
    await printResult(args, streams, work, exportText);
    return EXIT.ok;
  },
});

export function exportText(result: ExportResult): string {
  const width = Math.max(...result.next.map(({ about }) => about.length)) + 2;
  return [
    `Written  ${within(result.out, '         ')} (${bytes(result.bytes)} in ${plural(result.files.length, 'file')}, ${result.type}, ${duration(result.seconds)})`,
    ...result.files.map((file) => `         ${within(file, '         ')}`),
    `${result.warning ? 'Checked' : 'Proved '}  ${result.proved}`,
    ...(result.warning ? [`Warning  ${result.warning}`] : []),
    ...result.notes.map((note) => `Note     ${printable(note)}`),
    'To use it:',
    ...result.next.map(({ about, command: line }) => `  ${about.padEnd(width)}${printable(line)}`),
    '',
  ].join('\n');
}

export const mergeCommand = commandOf({
  name: 'merge',
  settings: MERGE_SETTINGS,
  parse: parseMergeConfig,
  usage: 'merge --adapter FOLDER --adapter FOLDER --out FOLDER [--weight NUMBERS]',
  about:
    'The result changes the model by the weighted sum of what the adapters change, exactly: ranks stand side by side. It is a PEFT ' +
    'folder for --adapter. All must belong to the same base model.',
  examples: ['fettle merge --adapter runs/polite --adapter runs/short --weight 0.7,0.3 --out runs/both'],
  async run(config, args, streams) {
    const work = (io: WorkIo) => workHere('merge', config, io);
    await printResult(args, streams, work, mergeText);
    return EXIT.ok;
  },
});

function mergeText({ adapters, modules, rank, out }: MergeResult): string {
  const indent = '            ';
  return [
    ...adapters.map(
      ({ folder, weight }, i) =>
        `${i === 0 ? 'Added up    ' : indent}${number(weight, 3)} × ${within(folder, indent)}`,
    ),
    `Adapter     rank ${number(rank)} in ${plural(modules, 'module')}`,
    `Written     ${within(out, indent)}`,
    '',
  ].join('\n');
}

export const blendCommand = commandOf({
  name: 'blend',
  settings: BLEND_SETTINGS,
  parse: parseBlendRequest,
  usage: 'blend --run FOLDER --out FOLDER [--strength SHARE] [flags]',
  about:
    'Makes a new run with weights between those of a run and its base model, for a run that forgot too much. Nothing is trained. ' +
    'The new run is measured and compared like any other.',
  examples: [
    'fettle blend --run runs/first --strength 0.7 --out runs/first-blend',
    'fettle blend --run runs/first --strength 0.5 --out runs/first-half',
  ],
  async run(asked, args, streams) {
    const json = wantsJson(args);
    return await trainTo(await blendConfig(asked), { resume: false, json }, streams);
  },
});

/** The settings of the run `asked.run`, for a run that is made of it. Throws `AppError('no-run')`. */
async function blendConfig({ run: of, strength, model, ...own }: BlendRequest): Promise<RunConfig> {
  const file = join(of, RUN_FILE);
  if (!existsSync(file))
    throw new AppError(
      'no-run',
      `There is no run in ${of}: it holds no ${RUN_FILE}.`,
      'Name the folder that was given to `fettle train --out`.',
    );
  const { settings } = await readSettings(file);
  const { deviceWhy: _, ...saved } = savedSettings(settings) as Record<string, unknown>;
  // what is left to compute is a few evaluations, for which float32 does
  const computed = { precision: 'auto', samplePrompts: [], ...own };
  return parseRunConfig({ ...saved, ...computed, ...(model && { model }), blend: { of, strength } });
}
