/**
 * `npm run verify:device`: whether Fettle computes rightly on a device of this computer, and how fast. Every operation against its
 * definition, the reference values of every family with their traces of training, a real training beside the processor's, where
 * the nodes of a step run, and the benchmark; of extras' executors also whether they keep tensors. It writes a report to be sent in: FILE.json and FILE.md. Exit code: 0 when all is
 * right, 1 when something is not, 2 for a wrong option, 5 where the device is not there.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AppError, describeError } from '../../common/errors.ts';
import { deviceInWords } from '../../main/engine/exec/executor.ts';
import { ggmlCards } from '../../main/engine/exec/ggml/library.ts';
import { openExecutor } from '../../main/engine/exec/registry.ts';
import { probeHardware } from '../../main/hardware/hardware.ts';
import { dataFolder } from '../../main/paths.ts';
import { versions } from '../../main/versions.ts';
import { shareOf } from './clock.ts';
import { type Asked, EXTRA_CHECKS, isRight, PARTS_OF, type Part, SHARES } from './facts.ts';
import { hasPassed, markdownOf, type Report, resultOf } from './report.ts';
import { type PartResult, runPart } from './run.ts';

const EXTRAS = Object.entries(EXTRA_CHECKS).flatMap(([name, check]) =>
  check ? [[name, check] as const] : [],
);
const HELP = `npm run verify:device -- [options]
  --device cpu|webgpu            what is checked; the processor by default
  --executor ${Object.keys(PARTS_OF).join('|')}   with onnxruntime, OpenVINO (the speed pack), ggml on the best card
                                 that it sees, or on the one that FETTLE_GGML_DEVICE names${EXTRAS.map(([, { help }]) => `, ${help}`).join('')}
  --out FILE                     where the report goes, without its ending; fettle-DEVICE by default
  --only PART,...                some of: ${PARTS_OF.ort.join(', ')};
                                 with openvino and ggml of: ${PARTS_OF.ggml.join(', ')}${EXTRAS.map(([name]) => `; with ${name} of: ${PARTS_OF[name as Asked['executor']].join(', ')}`).join('')}
  --ops NAME,...                 some operations; --families NAME,... some reference cases
  --threads N                    threads of the processor; --steps N steps of each training, 10 by default
  --minutes N                    time for all parts, 15 by default; what doesn't fit is left out and named`;
const DEVICES: readonly Asked['device'][] = ['cpu', 'webgpu'];
const EXECUTORS = Object.keys(PARTS_OF) as readonly Asked['executor'][];

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = read();
  if (asked === null) return 2;
  const { base, parts, out, minutes } = asked;
  const { executor, device } = base;
  let computes: string;
  try {
    const opened = await openExecutor(executor, base);
    computes = opened.deviceWords ?? deviceInWords(opened.device, base.threads);
  } catch (error) {
    console.error(describeError(error));
    return error instanceof AppError ? 5 : 1;
  }
  console.log(computes);
  const ends = performance.now() + 60_000 * minutes;
  const results: PartResult[] = [];
  for (const [i, part] of parts.entries()) {
    const left = (ends - performance.now()) / 1000;
    results.push(await runAloud({ ...base, part, seconds: shareOf(left, part, parts.slice(i + 1), SHARES) }));
  }
  const report: Report = {
    made: new Date().toISOString(),
    executor,
    device,
    computes,
    passed: hasPassed(results),
    versions: versions(),
    hardware: await probeHardware({ folder: nearest(dataFolder()) }),
    cards: executor === 'ggml' ? ggmlCards() : [],
    parts: results,
  };
  fs.mkdirSync(path.dirname(path.resolve(out)), { recursive: true });
  fs.writeFileSync(`${out}.json`, `${JSON.stringify(report, null, 1)}\n`);
  fs.writeFileSync(`${out}.md`, `${markdownOf(report)}\n`);
  console.log(`${nameOf(base)}: ${resultOf(report)}. The report is in ${out}.json and ${out}.md.`);
  return report.passed ? 0 : 1;
}

function read() {
  try {
    const { values } = parseArgs({
      options: {
        device: { type: 'string', default: 'cpu' },
        executor: { type: 'string', default: 'ort' },
        out: { type: 'string' },
        only: { type: 'string' },
        ops: { type: 'string' },
        families: { type: 'string' },
        steps: { type: 'string', default: '10' },
        threads: { type: 'string', default: String(Math.max(1, os.availableParallelism())) },
        minutes: { type: 'string', default: '15' },
      },
    });
    const list = (text: string | undefined) => (text === undefined ? null : text.split(','));
    const device = DEVICES.find((name) => name === values.device);
    const executor = EXECUTORS.find((name) => name === values.executor);
    if (executor === undefined) throw new Error(`There is no executor "${values.executor}".`);
    const all = PARTS_OF[executor];
    const parts = (list(values.only) ?? all) as readonly Part[];
    const unknown = parts.find((part) => !all.includes(part));
    const [threads, steps, minutes] = [values.threads, values.steps, values.minutes].map(Number) as [
      number,
      number,
      number,
    ];
    if (device === undefined) throw new Error(`There is no device "${values.device}".`);
    if (unknown !== undefined) throw new Error(`There is no part "${unknown}".`);
    if (!Number.isInteger(threads) || threads < 1)
      throw new Error(`--threads ${values.threads} is no number.`);
    if (!Number.isInteger(steps) || steps < 1) throw new Error(`--steps ${values.steps} is no number.`);
    if (!(minutes > 0)) throw new Error(`--minutes ${values.minutes} is no number.`);
    const some = { ops: list(values.ops), families: list(values.families) };
    const base = { executor, device, threads, steps, ...some };
    return { parts, base, minutes, out: values.out ?? `fettle-${nameOf({ executor, device })}` };
  } catch (error) {
    console.error(`${describeError(error)}\n\n${HELP}`);
    return null;
  }
}

/** As reports and their files are called. */
function nameOf({ executor, device }: Pick<Asked, 'executor' | 'device'>): string {
  if (executor === 'ort') return device;
  return device === 'cpu' ? executor : `${executor}-${device}`;
}

async function runAloud(asked: Asked): Promise<PartResult> {
  process.stdout.write(`${asked.part} ... `);
  let wrong = 0;
  const skipped: string[] = [];
  const result = await runPart(asked, (fact) => {
    if (!isRight(fact)) wrong += 1;
    if (fact.kind === 'skipped') skipped.push(`  left out: ${fact.what} (${fact.why})`);
  });
  const end = result.died === null ? '' : `, ended by ${result.died.how}`;
  const checked = result.facts.length - skipped.length;
  console.log(`${checked} checked, ${wrong} wrong${end}, ${result.seconds.toFixed(0)} s`);
  for (const line of skipped) console.log(line);
  return result;
}

function nearest(folder: string): string {
  return fs.existsSync(folder) || path.dirname(folder) === folder ? folder : nearest(path.dirname(folder));
}
