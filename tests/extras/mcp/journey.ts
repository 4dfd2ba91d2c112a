/**
 * From a table of mails and a sentence to a model that is proved for Ollama, as an assistant goes. `node tests/extras/mcp/journey.ts`
 * prints its calls; docs/assistants.md has them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { csvCell } from '../../../common/values.ts';
import { practiceRows } from '../../../main/app/practice.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { type Connected, connected, type Said } from './client.ts';

/** Enough that the sorter has test rows. */
export const ROWS = 96;
export const MODEL = path.join(resourcesFolder(), 'practice-model');

/** The sample as the table that a person has: a message, and the desk that it belongs to. */
export function writeTable(file: string, rows: number): void {
  const lines = readFileSync(practiceRows().data, 'utf8').trim().split('\n').slice(0, rows);
  const cells = lines.map((line) => {
    const { messages } = JSON.parse(line) as { messages: readonly { role: string; content: string }[] };
    const said = (by: string) => messages.find(({ role }) => role === by)!.content;
    return [said('user'), (JSON.parse(said('assistant')) as { desk: string }).desk].map(csvCell).join(',');
  });
  writeFileSync(file, ['message,desk', ...cells, ''].join('\n'));
}

export interface Call extends Said {
  readonly tool: string;
}

/** The calls with what each was answered, and where the run is. */
export async function journey(
  at: Connected,
  told: (call: Call) => void = () => {},
): Promise<{ readonly calls: readonly Call[]; readonly run: string }> {
  writeTable(path.join(at.granted, 'mails.csv'), ROWS);
  const calls: Call[] = [];
  const call = async (tool: string, given: Record<string, unknown>) => {
    const said = { tool, ...(await at.call(tool, given)) };
    calls.push(said);
    told(said);
    return said;
  };
  const rows = { data: ['mails.csv'], map: 'prompt=message,answer=desk' };
  const [run, second] = ['first', 'second'].map((name) => path.join(at.granted, 'runs', name)) as [
    string,
    string,
  ];
  const gguf = path.join(at.granted, 'mails.gguf');
  await call('check_computer', {});
  await call('look_at_data', rows);
  await call('check_data', rows);
  await call('sort_in_seconds', { ...rows, out: 'sorter', by: 'words' });
  const training = {
    ...{ ...rows, model: MODEL, method: 'full', 'learning-rate': 2e-4, 'max-length': 256 },
    system: 'Name the desk that this message belongs to.',
  };
  await call('plan', training);
  const trained = await call('train', { ...training, epochs: 1, out: run, wait_seconds: 0 });
  const job = /job-\d+/.exec(trained.text)?.[0];
  await call('train', { ...training, out: second });
  await call('follow', { job, wait_seconds: 600 });
  await call('export', { run, as: 'gguf', type: 'f16', out: gguf });
  await call('chat', { model: gguf, prompt: 'Where is my parcel?', 'max-new-tokens': 8 });
  return { calls, run };
}

if (import.meta.main) {
  const at = await connected();
  const short = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean)[0]!
      .slice(0, 110);
  let count = 0;
  try {
    await journey(at, ({ tool, text, isError }) => {
      const said = text.replaceAll(at.granted, '~/mails').replaceAll(MODEL, 'practice-model');
      console.log(`${++count} ${tool}${isError ? ', refused' : ''}: ${short(said)}`);
    });
  } finally {
    await at.close();
  }
}
