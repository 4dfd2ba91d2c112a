/** `fettle export`: writes a run's result in the form that other programs read, and proves that it says the same. */

import type { ExportResult } from '../../common/protocol/protocol.ts';
import { EXPORT_SETTINGS } from '../../common/settings/commands.ts';
import { recordExport } from '../app/history.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseExportConfig } from '../engine/config/config.ts';
import { removePartials } from '../folders.ts';
import { type Arguments, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from './arguments.ts';
import { type Command, EXIT, type Streams } from './command.ts';
import { printResult } from './display.ts';
import { settle } from './settings.ts';
import { bytes, duration, plural, printable, within } from './words.ts';

const EXAMPLE = 'fettle export --run runs/first --as gguf --type q8_0 --out exports/first';

const FLAGS: readonly Flag[] = [...flagsOf(EXPORT_SETTINGS), JSON_FLAG, HELP_FLAG];

export const command: Command = {
  usage: 'export --run FOLDER --as peft|safetensors|gguf [--type TYPE] --out PATH [flags]',
  about:
    'Every export is checked: it is loaded back (GGUF files by llama.cpp) and must give the answers of the trained model. ' +
    'Nothing is overwritten, and an interrupted export leaves nothing behind.',
  examples: [
    EXAMPLE,
    'fettle export --run runs/first --as safetensors --type bf16 --out exports/first-hf',
    'fettle export --run runs/first --as gguf --adapter-only --out exports/first-lora.gguf',
    'fettle export --model models/SmolLM2 --as gguf --out exports/SmolLM2.gguf',
  ],
  flags: FLAGS,
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const config = settle(args, FLAGS, [], { name: 'export', example: EXAMPLE }, parseExportConfig);
  const work = async (io: WorkIo) => {
    const exporting = workHere<ExportResult>('export', config, io);
    // an engine that was ended has not cleared up
    const result = await exporting.finally(() => removePartials(config.out));
    if (config.run !== undefined)
      await recordExport(config.run, result, (text) => streams.err.write(`${text}\n`));
    return result;
  };
  await printResult(args, streams, work, exportText);
  return EXIT.ok;
}

/** The result as a person reads it. */
export function exportText(result: ExportResult): string {
  const width = Math.max(...result.next.map(({ about }) => about.length)) + 2;
  return [
    `Written  ${within(result.out, '         ')} (${bytes(result.bytes)} in ${plural(result.files.length, 'file')}, ${result.type}, ${duration(result.seconds)})`,
    ...result.files.map((file) => `         ${within(file, '         ')}`),
    `Proved   ${result.proved}`,
    ...result.notes.map((note) => `Note     ${printable(note)}`),
    'To use it:',
    ...result.next.map(({ about, command: line }) => `  ${about.padEnd(width)}${printable(line)}`),
    '',
  ].join('\n');
}
