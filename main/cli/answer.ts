/**
 * Commands that let a model answer: `fettle generate` a prompt, `classify` rows, `run` other
 * programs.
 */
import { readFile } from 'node:fs/promises';
import { systemError } from '../../common/errors.ts';
import type { Calibration, CallEvent, ClassifyResult } from '../../common/protocol/protocol.ts';
import { CLASSIFY_SETTINGS, ENDPOINT_SETTINGS, GENERATE_SETTINGS } from '../../common/settings/commands.ts';
import { prepareServed } from '../app/answering.ts';
import { type WorkIo, workHere } from '../app/work-here.ts';
import { parseClassifyConfig, parseEndpointConfig, parseGenerateConfig } from '../engine/config/config.ts';
import { badUsage, wantsJson } from './arguments.ts';
import { EXIT, onInterrupt } from './command.ts';
import { printResult } from './display.ts';
import { filledLines } from './filled.ts';
import { commandOf } from './settings.ts';
import {
  duration,
  isTerminal,
  number,
  percent,
  percentRange,
  plural,
  printable,
  rate,
  styleFor,
  within,
} from './words.ts';

export const generateCommand = commandOf({
  name: 'generate',
  settings: GENERATE_SETTINGS,
  parse: parseGenerateConfig,
  usage: 'generate --model PATH [--adapter FOLDER] --prompt TEXT [flags]',
  about:
    'The prompt goes into the chat template of the model, unless there is none or --raw is given. A prompt of - is read from stdin.',
  examples: [
    'fettle generate --model models/SmolLM2.gguf --adapter runs/first --prompt "Hello"',
    'fettle generate --model models/gpt2 --prompt "Once upon a time" --raw --temperature 0.8',
  ],
  async run(given, args, streams) {
    const config = given.prompt === '-' ? { ...given, prompt: await readStdin() } : given;
    const json = wantsJson(args);
    const { stop, release } = onInterrupt(() => {});
    try {
      const emit = (event: CallEvent) => {
        if (json || !('text' in event)) return;
        streams.out.write(isTerminal(streams.out, process.env) ? printable(event.text) : event.text);
      };
      const result = await workHere('generate', config, { emit, stop });
      streams.out.write(json ? `${JSON.stringify(result)}\n` : '\n');
      if (!json && isTerminal(streams.err, process.env)) {
        const speed = `${plural(result.newTokens, 'token')}, ${rate(result.tokensPerSecond)}`;
        streams.err.write(`${styleFor(streams.err, process.env).faint(speed)}\n`);
      }
      return result.stopReason === 'stopped' ? EXIT.interrupted : EXIT.ok;
    } finally {
      release();
    }
  },
});

async function readStdin(): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of process.stdin) parts.push(part as Buffer);
  const text = Buffer.concat(parts)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (text !== '') return text;
  throw badUsage('The prompt on stdin is empty.', 'Pipe a text in, or write --prompt TEXT.');
}

export const classifyCommand = commandOf({
  name: 'classify',
  settings: CLASSIFY_SETTINGS,
  parse: parseClassifyConfig,
  usage: 'classify --run FOLDER [--data FILE --out FILE] [flags]',
  about:
    'For runs whose rows share their answers, such as topics. A score is the probability of a whole answer among all categories. It is adjusted on the ' +
    'test rows, so that of rows with a score of 0.9 about 90 % are right, where that makes scores truer on rows that it was not adjusted on. ' +
    'The file has the number of each row, the columns of yours (or the text, where yours is no table), the category, the score, and whether to ask a person.',
  examples: [
    'fettle classify --run runs/first --data new-mails.csv --out sorted.csv',
    'fettle classify --run runs/first --json',
  ],
  async run(config, args, streams) {
    const work = (io: WorkIo) => workHere('classify', { ...config, keepsPart: true }, io);
    const { result } = await printResult(args, streams, work, classifyText);
    return result.scored?.stopped ? EXIT.interrupted : EXIT.ok;
  },
});

const CONFUSED = 5;

/** The categories, and what test rows say of them. */
export function qualityLines(labels: readonly string[], calibration: Calibration): string[] {
  const { accuracy, macroF1, sure, confused } = calibration;
  const [worst, more] = [confused.slice(0, CONFUSED), confused.length - CONFUSED];
  return [
    `Categories  ${number(labels.length)}: ${within(labels.join(', '), '            ')}`,
    `Test rows   ${plural(accuracy.rows, 'row')}: ${percentRange(accuracy)} right, macro F1 ${macroF1.toFixed(3)}`,
    `Scores      ${within(scoreText(calibration), '            ')}`,
    sure
      ? `Sure        from ${sure.score.toFixed(2)} on: ${percent(sure.right)} right, ${percent(sure.share)} of the rows`
      : 'Sure        at no score were 95 % of the test rows right',
    ...worst.map(
      ({ truth, given, rows: n }, i) =>
        `${i === 0 ? 'Confused    ' : '            '}${printable(truth)} as ${printable(given)}: ${plural(n, 'row')}`,
    ),
    ...(more > 0 ? [`            and ${plural(more, 'other pair')}`] : []),
  ];
}

function classifyText({ labels, calibration, columns, sets, scored, out, seconds }: ClassifyResult): string {
  return [
    ...(sets ? filledLines({ ...(columns && { columns }), sets }) : qualityLines(labels, calibration)),
    ...(scored
      ? [
          `Sorted      ${scored.stopped ? 'until it was stopped ' : ''}${plural(scored.rows, 'row')}, ${number(scored.unsure)} for a person (score below ${scored.threshold.toFixed(2)})` +
            `${scored.accuracy === null ? '' : `, ${percentRange(scored.accuracy)} of the ${number(scored.accuracy.rows)} that name it are right`}`,
          ...(scored.columns ?? [])
            .slice(1)
            .map(
              ({ name, unsure, threshold, accuracy }) =>
                `            ${printable(name)}: ${number(unsure)} for a person (below ${threshold.toFixed(2)})${accuracy === null ? '' : `, ${percentRange(accuracy)} of the ${number(accuracy.rows)} that name it are right`}`,
            ),
          ...(scored.tooLong + scored.unreadable > 0
            ? [`Left out    ${number(scored.tooLong)} too long, ${number(scored.unreadable)} unreadable`]
            : []),
          `Written     ${within(out ?? '', '            ')}`,
        ]
      : []),
    `Time        ${duration(seconds)}`,
    '',
  ].join('\n');
}

/** How far scores are off, and what became of the temperature. */
function scoreText({ errorBefore, errorAfter, fitted, used, limit }: Calibration): string {
  const temperature = `temperature ${fitted.toFixed(2)}`;
  if (used) return `${percent(errorAfter)} off on average, ${percent(errorBefore)} before ${temperature}`;
  const off = `${percent(errorBefore)} off on average`;
  if (limit !== null)
    return `${off}; ${temperature} is not used: the fit ran into its ${limit} limit, for the test rows are too few or too alike`;
  return `${off}; ${temperature} is not used: with it they are ${percent(errorAfter)} off on rows that it was not fitted on`;
}

export const runCommand = commandOf({
  name: 'run',
  settings: ENDPOINT_SETTINGS,
  parse: parseEndpointConfig,
  usage: 'run --run FOLDER|--model PATH [--port N] [flags]',
  about:
    'Lets other programs on this computer use a model through OpenAI’s API or Ollama’s: chat and text with streaming, tools and JSON schemas, and ' +
    'embeddings, computed by llama.cpp for several programs at once. A run is first exported as GGUF, once. An encoder’s folder serves embeddings alone. Ctrl-C ends it. Other computers can’t ' +
    'connect.',
  examples: [
    'fettle run --run runs/first',
    'fettle run --model exports/first.gguf --port 8080 --key-file my-key.txt',
  ],
  async run(config, args, streams) {
    const json = wantsJson(args);
    const note = (text: string) => void streams.err.write(`${text}\n`);
    const { stop, release } = onInterrupt(() => note('Ending.'));
    try {
      let lastDetail = '';
      const onExport = (event: CallEvent) => {
        if (!('event' in event) || event.event !== 'phase' || !event.detail || event.detail === lastDetail)
          return;
        lastDetail = event.detail;
        note(`Preparing: ${printable(event.detail)}`);
      };
      const key = await givenKey(config.keyFile);
      const endpoint = await prepareServed({ ...config, ...(key && { key }) }, workHere, {
        emit: onExport,
        stop,
      });
      const emit = (event: CallEvent) => void streams.out.write(newsText(event, endpoint, json));
      const { port, contextSize, atOnce, threads, origins = [] } = config;
      await workHere(
        'endpoint',
        { ...endpoint, port, contextSize, atOnce, threads, origins },
        { emit, stop },
      );
      return EXIT.ok;
    } catch (error) {
      if (stop.aborted) return EXIT.ok;
      throw error;
    } finally {
      release();
    }
  },
});

/** The key that a person chose. It is no flag: all users of a computer see those in its list of processes. */
async function givenKey(file: string | undefined): Promise<string | undefined> {
  const given =
    file === undefined ? process.env.FETTLE_KEY : await readFile(file, 'utf8').catch(unreadable(file));
  const key = given?.trim();
  const where = file ?? 'FETTLE_KEY';
  if (key === undefined || (file === undefined && key === '')) return undefined;
  if (/^[\x21-\x7e]{8,200}$/.test(key)) return key;
  throw badUsage(
    `${where} holds no key that programs can send.`,
    'A key has 8 to 200 letters, digits and signs of ASCII, in one line without spaces.',
  );
}

const unreadable = (file: string) => (error: unknown) => {
  throw systemError(error, file);
};

function newsText(event: CallEvent, { name, key }: { name: string; key: string }, json: boolean): string {
  if ('listening' in event) {
    const { address, contextSize } = event.listening;
    if (json) return `${JSON.stringify({ event: 'listening', address, model: name, key, contextSize })}\n`;
    return `Base URL  ${address}\nAPI key   ${key}\nModel     ${printable(name)}\nContext   ${plural(contextSize, 'token')}\n\nCtrl-C ends it.\n`;
  }
  if (!('request' in event)) return '';
  const { method, path, status, tokens, seconds } = event.request;
  if (json) return `${JSON.stringify({ event: 'request', ...event.request })}\n`;
  return `${[method, printable(path), status, ...(tokens > 0 ? [plural(tokens, 'token')] : []), duration(seconds)].join('  ')}\n`;
}
