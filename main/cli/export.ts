/** `fettle export`: makes files of what was trained, for other programs. */
import type { ExportResult } from '../../common/protocol/protocol.ts';
import { EXPORT_SETTINGS } from '../../common/settings/commands.ts';
import { recordExport } from '../app/history.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseExportConfig } from '../engine/config/config.ts';
import { removePartials } from '../folders.ts';
import { EXIT } from './command.ts';
import { printResult } from './display.ts';
import { commandOf } from './settings.ts';
import { bytes, duration, plural, printable, within } from './words.ts';

export const command = commandOf({
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
