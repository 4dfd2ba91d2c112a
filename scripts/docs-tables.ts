/**
 * Writes the parts of the documents that the code already says: what is supported, and every flag of every command. A
 * part lies between `<!-- table: NAME -->` and `<!-- end -->`. Run `node scripts/docs-tables.ts` after a change; a test
 * compares.
 */
import fs from 'node:fs';
import path from 'node:path';
import { ROWS } from '../common/settings/table.ts';
import type { Flag } from '../main/cli/arguments.ts';
import { EXIT_CODES } from '../main/cli/command.ts';
import { COMMANDS } from '../main/cli/commands.ts';
import { destinations } from '../main/connections.ts';
import { EXECUTOR_NAMES, openExecutor } from '../main/engine/exec/registry.ts';
import { GGUF_LAYOUTS } from '../main/engine/io/gguf-types.ts';
import type { JsonObject } from '../main/engine/models/config-reader.ts';
import { outline } from '../main/engine/models/model.ts';
import { FAMILIES, readModel } from '../main/engine/models/registry.ts';
import type { OpDef } from '../main/engine/ops/define.ts';
import { FUSED, OPS, PRIMITIVES } from '../main/engine/ops/functions.ts';
import { readEncoders } from '../main/hub/catalog.ts';
import { resourcesFolder } from '../main/paths.ts';
import { CARDS, cardCalled } from '../main/plan/accelerators.ts';
import { memoryPartsThere, QUICK, stepSeconds, USUAL, type WorkThere } from '../main/plan/elsewhere.ts';
import { configOf, shapeOf } from '../main/plan/shapes.ts';
import { CHECKS } from '../main/rows/doctor/table.ts';
import { FORGETTING_FILE, forgettingLines, forgettingTable } from '../tests/bench/forgetting-table.ts';
import {
  aimTable,
  KEPT_FILE,
  keptIn,
  machineTable,
  pictureList,
  runTable,
  scoreTable,
  writePictures,
} from '../tests/bench/task-table.ts';
import { deviationRows, familyRows } from '../tests/helpers/ggml-formats.ts';

const ROOT = path.join(import.meta.dirname, '..');
const GOLDEN = path.join(ROOT, 'tests', 'golden', 'data');

/** The documents with generated parts, relative to the repository's root. */
export const DOCUMENTS = [
  'README.md',
  'docs/models.md',
  'docs/architecture.md',
  'docs/cli.md',
  'docs/data-doctor.md',
  'docs/clusters.md',
  'docs/security.md',
  'docs/tasks.md',
  'docs/devices.md',
  'docs/verdict.md',
];

const TABLES: Readonly<Record<string, () => Promise<string>>> = {
  primitives: async () => primitives(),
  'fused operations': fusedOperations,
  'model types': async () => modelTypes(),
  families: async () => families(),
  encoders: async () => encoders(),
  'family names': async () => familyNames(),
  'GGUF formats': async () => ggufFormats(),
  'data findings': async () => dataFindings(),
  events: async () => events(),
  results: async () => results(),
  'settings elsewhere': async () => settingsElsewhere(),
  'cards elsewhere': async () => cardsElsewhere(),
  'scale elsewhere': async () => scaleElsewhere(),
  commands,
  connections: async () =>
    table(
      ['to', 'hosts', 'when', 'why'],
      destinations().map(({ what, hosts, when, why }) => [what, hostNames(hosts), when, why]),
    ),
  'ggml deviations': async () => {
    const { head, rows } = deviationRows();
    return table(head, rows);
  },
  'ggml families': async () => {
    const { head, rows } = familyRows();
    return table(head, rows);
  },
  'task scores': async () => scoreTable(keptIn(KEPT_FILE)),
  'task aims': async () => aimTable(keptIn(KEPT_FILE)),
  'task runs': async () => runTable(keptIn(KEPT_FILE)),
  'task pictures': async () => pictureList(keptIn(KEPT_FILE)),
  'forgetting by data': async () => forgettingTable(forgettingLines(FORGETTING_FILE)),
  'task machines': async () => machineTable(keptIn(KEPT_FILE)),
  'exit codes': async () =>
    table(
      ['code', 'meaning'],
      EXIT_CODES.map(({ code, meaning }) => [String(code), meaning]),
    ),
};

/** `text` with every generated part as the code would have it now. */
export async function withTables(text: string): Promise<string> {
  const parts = text.split(/(?<=<!-- table: [\w ]+ -->\n)[\s\S]*?(?=<!-- end -->)/);
  let result = parts[0]!;
  for (const [i, part] of parts.slice(1).entries()) {
    const name = /<!-- table: ([\w ]+) -->\n$/.exec(parts[i]!)?.[1] ?? '';
    const make = TABLES[name];
    if (!make) throw new Error(`there is no table "${name}"; there are ${Object.keys(TABLES).join(', ')}`);
    result += `${await make()}\n${part}`;
  }
  return result;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---|').join('')}`, ...rows.map(line)].join('\n');
}

function hostNames(hosts: readonly string[]): string {
  return hosts.length === 0 ? 'what you enter' : code(hosts.map((host) => host.replace(/^\./, '*.')));
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}

function gradientOf({ vjp }: OpDef): string {
  return vjp === 'none' ? 'none' : vjp === 'decompose' ? 'through its definition' : 'own rule';
}

function settingsElsewhere(): string {
  const rows = ROWS.map(({ name, elsewhere }) => [
    `\`${name}\``,
    elsewhere!.to,
    [elsewhere!.refused && 'some values are refused', elsewhere!.differs && 'may differ']
      .filter(Boolean)
      .join('; '),
  ]);
  return table(['setting', 'becomes', ''], rows);
}

function cardsElsewhere(): string {
  const billions = (value: number) => String(value / 1e9);
  return table(
    ['card', 'memory, GB', 'TFLOP/s in 16 bits', 'memory, GB/s', 'to other cards, GB/s', 'source', ''],
    CARDS.map(({ name, memoryBytes, peakFlops, memoryBandwidth, linkBandwidth, source, wasCompared }) => [
      ...[name, billions(memoryBytes), String(peakFlops / 1e12)],
      ...[billions(memoryBandwidth), billions(linkBandwidth), source, wasCompared ? '' : 'from memory'],
    ]),
  );
}

/** Llama 3.1 8B on so many H100, eight a computer, each with one micro-batch of 8,192 tokens a step. */
function scaleElsewhere(): string {
  const [tokensAtOnce, steps, name] = [8192, 1, 'NVIDIA H100 80GB HBM3'];
  const workOf = (method: 'lora' | 'full', batches: number): WorkThere => ({
    ...{ method, parameters: 8.03e9, trained: method === 'full' ? 8.03e9 : 42e6 },
    ...{ layers: 32, width: 4096, heads: 32, vocabulary: 128_256, optimizer: 'adamw', recompute: false },
    ...{ steps, batches, tokens: batches * tokensAtOnce, tokensAtOnce, evaluatedTokens: 0 },
  });
  const rounded = (value: number) => Number(value.toPrecision(2)).toLocaleString('en');
  const rows = [1, 8, 16, 32, 64].map((count) => {
    const cards = { name, bytes: null, count, computers: Math.ceil(count / 8) };
    const rate = (method: 'lora' | 'full', network: number) => {
      const work = workOf(method, count);
      const needed = Object.values(memoryPartsThere(work, count)).reduce((sum, bytes) => sum + bytes, 0);
      if (needed > cardCalled(name)!.memoryBytes) return `does not fit: ${rounded(needed / 1e9)} GB`;
      return rounded(work.tokens / stepSeconds(work, cards, { ...USUAL, network }));
    };
    const { network } = USUAL;
    const all = [rate('lora', network), rate('full', network), rate('full', QUICK.network)];
    return [String(count), ...all, (count * tokensAtOnce).toLocaleString('en')];
  });
  const full = 'all weights, tokens/s';
  const head = ['cards', 'LoRA, tokens/s', `${full}, 100 Gbit/s`, `${full}, 400 Gbit/s`, 'tokens a step'];
  return table(head, rows);
}

function primitives(): string {
  const names = Object.keys(PRIMITIVES) as (keyof typeof PRIMITIVES)[];
  const [with_, without] = [true, false].map((has) =>
    names.filter((name) => (OPS[name].vjp !== 'none') === has),
  );
  return `${names.length} primitives, on every executor.\n\n${table(
    ['gradient', 'operations'],
    [
      ['own rule', code(with_!)],
      ['none', code(without!)],
    ],
  )}`;
}

async function fusedOperations(): Promise<string> {
  const executors = await Promise.all(
    EXECUTOR_NAMES.map((name) => openExecutor(name, { threads: 1, pricesOnly: true })),
  );
  const rows = (Object.keys(FUSED) as (keyof typeof FUSED)[]).map((name) => [
    `\`${name}\``,
    gradientOf(OPS[name]),
    ...executors.map(({ fusedOperations: own }) => (own.has(name) ? 'kernel' : 'decomposed')),
  ]);
  return table(['operation', 'gradient', ...executors.map(({ name }) => `\`${name}\``)], rows);
}

function modelTypes(): string {
  const rows = FAMILIES.map(({ type, planner }) => {
    const [known] = Object.values(planner.published).flatMap((shapes) => Object.keys(shapes));
    const model = readModel(known ? (configOf(shapeOf(known)!) as JsonObject) : { model_type: type });
    const linears = [...new Set([...outline(model).linears.keys()].map((name) => name.split('.').at(-1)!))];
    const positions = model.ropes.size > 0 ? 'rotary' : 'learned';
    const names = casesOf(type).map((folder) => path.basename(folder));
    return [`\`${type}\``, positions, code(linears), names.join(', ')];
  });
  return table(['`model_type`', 'positions', 'linear layers (LoRA targets)', 'reference cases'], rows);
}

/** In a sentence, with their model types. */
function familyNames(): string {
  const names = FAMILIES.map(
    ({ titles, also, type }) => `${[...titles, ...(also ? [also] : [])].join(', ')} (\`${type}\`)`,
  );
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}.`
    .replace(/(.{1,139})(?: |$)/g, '$1\n')
    .trimEnd();
}

function families(): string {
  const rows = FAMILIES.map(({ type, titles, also, wrapper, gguf }) => [
    also ? `${titles.join(', ')} (also ${also})` : titles.join(', '),
    `\`${type}\``,
    wrapper ? `\`${wrapper.type}\`` : '',
    `\`${gguf.architecture}\``,
  ]);
  return table(['family', '`model_type`', 'language part of', 'GGUF architecture'], rows);
}

/** The encoders of the catalog; a question mark stands behind what was written from memory. */
async function encoders(): Promise<string> {
  const rows = (await readEncoders(resourcesFolder())).map(({ unsure = [], ...entry }) => {
    const marked = (field: (typeof unsure)[number], text: string) =>
      unsure.includes(field) ? `${text} ?` : text;
    const size = marked('bytes', `${Math.round(entry.bytes / 1e6)} MB`);
    return [
      `\`${entry.repo}\``,
      `\`${entry.family}\``,
      size,
      `${marked('licence', entry.licence)}${entry.gated ? marked('gated', ', consent') : ''}`,
      marked('languages', entry.languages),
      marked('maxTokens', String(entry.maxTokens)),
      entry.goodFor.replace(/\.$/, ''),
    ];
  });
  return table(['model', '`model_type`', 'size', 'licence', 'languages', 'tokens', 'good for'], rows);
}

/** Folders of reference values whose model is of this type. */
function casesOf(type: string): string[] {
  const folders = ['families', 'variations'].flatMap((group) =>
    fs.readdirSync(path.join(GOLDEN, group)).map((name) => path.join(GOLDEN, group, name)),
  );
  return folders.filter(
    (folder) => fs.existsSync(path.join(folder, 'config.json')) && configIn(folder).model_type === type,
  );
}

function configIn(folder: string): JsonObject {
  return JSON.parse(fs.readFileSync(path.join(folder, 'config.json'), 'utf8'));
}

function ggufFormats(): string {
  const rows = [...GGUF_LAYOUTS].map(([number, { type, blockSize, blockBytes }]) => [
    String(number),
    type.toUpperCase(),
    String(blockSize),
    String(blockBytes),
    String(Number(((8 * blockBytes) / blockSize).toFixed(4))),
  ]);
  return table(['number', 'format', 'weights a block', 'bytes a block', 'bits a weight'], rows);
}

/** What the data doctor looks for, in the order in which a report has it. */
function dataFindings(): string {
  const levels = ['harm', 'warning', 'note'] as const;
  const kinds = levels.flatMap((level) =>
    CHECKS.map(({ kind }) => kind).filter((kind) => kind.severity === level),
  );
  return kinds
    .map(({ code: name, title, severity, why, rule, fix }) => {
      const safe = fix?.safe ? '' : ' Not part of `all`.';
      const instead = fix?.instead ? ` Or \`${fix.instead.name}\`: ${fix.instead.does}.` : '';
      const mended = fix
        ? `**Fix** \`${fix.name}\`: ${fix.does}.${safe}${instead}`
        : '**Fix**: none; you decide.';
      return `### ${title}\n\n\`${name}\`, ${severity}. ${why}\n\n**Counts:** ${rule.replaceAll('<', '\\<')}\n\n${mended}\n`;
    })
    .join('\n');
}

interface Shape {
  readonly name: string;
  readonly about: string;
  readonly body: string;
  /** The interfaces that it extends. */
  readonly parents: readonly string[];
  readonly fields: readonly string[];
}

/** The interfaces in files of that folder, by their names. */
function shapesIn(folder: string): Map<string, Shape> {
  const sources = fs.readdirSync(path.join(ROOT, folder)).map((file) => path.join(ROOT, folder, file));
  const pattern =
    /(?:\/\*\*([^/]*?)\*\/\n)?export interface (\w+)(?: extends ([\w, ]+))? \{\n([\s\S]*?)\n\}/g;
  const shapes = sources.flatMap((file) =>
    [...fs.readFileSync(file, 'utf8').matchAll(pattern)].map(
      ([, about = '', name = '', parents = '', body = '']) => ({
        ...{ name, body, about: about.replace(/\s+(\* )?/g, ' ').trim() },
        parents: parents.split(', ').filter(Boolean),
        fields: [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => field!),
      }),
    ),
  );
  return new Map(shapes.map((shape) => [shape.name, shape]));
}

/** The events of a training, from their types. */
function events(): string {
  const shapes = [...shapesIn('common/protocol').values()].filter(({ name }) => name.endsWith('Event'));
  const rows = shapes.flatMap(({ body, about, parents, fields }) => {
    const event = /readonly event: '(\w+)'/.exec(body)?.[1];
    // a new figure changes no document
    const figures = parents.length > 0 ? ['[its figures](../common/step-figures.ts)'] : [];
    const own = code(fields.filter((field) => field !== 'event'));
    return event ? [[`\`${event}\``, about, [...figures, own].filter(Boolean).join(', ')]] : [];
  });
  return table(['event', 'says', 'fields'], rows);
}

/** Types beside those named after their command, by the command that prints them. */
const PRINTED: Readonly<Record<string, readonly string[]>> = {
  plan: ['RunPlan', 'PlanEstimate'],
};
/** Of a plan what is for the page alone. */
const NOT_PRINTED = ['memory', 'work', 'textbook', 'threadsWarning'];

/** The objects that commands print, from their types: `DataShowResult` is what `fettle data show` prints. */
function results(): string {
  const told = new Map(
    ['common/protocol', ...fs.globSync('common/extras/*/', { cwd: ROOT })].flatMap((folder) => [
      ...shapesIn(folder),
    ]),
  );
  const shapes = new Map([...shapesIn('common/api'), ...told]);
  const named = [...told.keys()].filter((name) => name.endsWith('Result'));
  const byCommand: [string, readonly string[]][] = [
    ...Object.entries(PRINTED),
    ...named.map((name): [string, string[]] => [
      name
        .replace('Result', '')
        .replace(/(?<=[a-z])(?=[A-Z])/g, ' ')
        .toLowerCase(),
      [name],
    ]),
  ];
  const rows = byCommand.map(([command, types]) => {
    const fieldsOf = (type: string): readonly string[] => {
      const { parents, fields } = shapes.get(type)!;
      return [...parents.flatMap(fieldsOf), ...fields];
    };
    const fields = types.flatMap(fieldsOf);
    return [`\`fettle ${command}\``, code([...new Set(fields)].filter((one) => !NOT_PRINTED.includes(one)))];
  });
  return table(['command', 'fields'], rows);
}

/** The command whose flags others share. */
const MAIN_COMMAND = 'train';

async function commands(): Promise<string> {
  const all = await Promise.all(
    COMMANDS.map(async ({ name, summary, load }) => ({ name, summary, ...(await load()).command })),
  );
  const shared = all.find(({ name }) => name === MAIN_COMMAND)!.flags;
  const parts = all.map(({ name, summary, about, usage, flags, examples }) => {
    const more = about ? `${about}\n\n` : '';
    const lines = examples.map((example) => `npx ${example}`).join('\n');
    // they take every setting of a training
    const listed = ['plan', 'profile', 'search'].includes(name)
      ? flags.filter(({ setting }) => !setting)
      : flags;
    const own = ownFlags(listed, name === MAIN_COMMAND ? [] : shared, name === MAIN_COMMAND);
    return `### fettle ${name}\n\n${capitalised(summary)}. \`fettle ${usage}\`\n\n${more}${own}\n\n\`\`\`sh\n${lines}\n\`\`\`\n`;
  });
  return parts.join('\n').trimEnd();
}

/** The flags of a command but for those that all have; those that mean what they mean in a training by their names alone. */
function ownFlags(flags: readonly Flag[], shared: readonly Flag[], saved: boolean): string {
  const listed = flags.filter(({ name }) => !['help', 'json'].includes(name));
  const isShared = (flag: Flag) =>
    shared.some(
      ({ name, about, fallback }) =>
        name === flag.name &&
        about === flag.about &&
        (fallback === flag.fallback || flag.fallback === undefined),
    );
  const own = listed.filter((flag) => !isShared(flag));
  const others = listed.filter(isShared).map(({ name }) => `--${name}`);
  return [
    ...(own.length > 0 ? [flagTable(own, saved)] : []),
    ...(others.length > 0 ? [`As in \`fettle ${MAIN_COMMAND}\`: ${code(others)}.`] : []),
    ...(listed.length === 0 ? ['No flags of its own.'] : []),
  ].join('\n\n');
}

/** A table of flags; with `saved`, each with its name in run.json. */
function flagTable(flags: readonly Flag[], saved: boolean): string {
  return table(
    ['flag', 'what', 'default', ...(saved ? ['in run.json'] : [])],
    flags.map((flag) => {
      const name = flag.onByDefault ? `--[no-]${flag.name}` : `--${flag.name}`;
      return [
        `\`${flag.value ? `${name} ${flag.value}` : name}\``,
        flag.about,
        flag.required ? 'required' : (flag.fallback ?? ''),
        ...(saved ? [flag.setting ? `\`${flag.setting.name}\`` : ''] : []),
      ];
    }),
  );
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

if (process.argv[1] === import.meta.filename) {
  writePictures();
  for (const name of DOCUMENTS) {
    const file = path.join(ROOT, name);
    const before = fs.readFileSync(file, 'utf8');
    const after = await withTables(before);
    if (after !== before) fs.writeFileSync(file, after);
    console.log(`${name}: ${after === before ? 'up to date' : 'written'}`);
  }
}
