/** `fettle data check`: what is wrong with data, worst first, and a repaired file on request; `fettle data undo` takes that back. */
import { relative, resolve } from 'node:path';
import type {
  DoctorExample,
  DoctorFinding,
  DoctorPreview,
  DoctorReport,
  DoctorUndo,
} from '../../../common/protocol/protocol.ts';
import { DOCTOR_SETTINGS } from '../../../common/settings/commands.ts';
import { type WorkIo, workHere } from '../../app/work-here.ts';
import { parseDoctorConfig } from '../../engine/config/config.ts';
import { type Arguments, badUsage, type Flag, flagsOf, HELP_FLAG, JSON_FLAG } from '../arguments.ts';
import { type Command, EXIT, type Streams } from '../command.ts';
import { printResult } from '../display.ts';
import { wrap } from '../help.ts';
import { settle } from '../settings.ts';
import { duration, number, plural, printable, rowsOfAll, type Style, styleFor } from '../words.ts';

const EXAMPLE = 'fettle data check rows.jsonl';

const FLAGS: readonly Flag[] = [
  ...flagsOf(DOCTOR_SETTINGS).filter(({ name }) => name !== 'data'),
  JSON_FLAG,
  HELP_FLAG,
];

export const command: Command = {
  usage: 'data check FILE… [--fix NAMES --out FILE] [flags]',
  about:
    'Reads rows as `fettle train` does. Fixes go to a new file, and `fettle data undo repaired.jsonl --out restored.jsonl` takes them back. ' +
    'The exit code is 0 whatever it finds, and 3 if no row can be read.',
  examples: [
    EXAMPLE,
    `${EXAMPLE} --eval-data held-out.jsonl --model models/SmolLM2.gguf`,
    `${EXAMPLE} --fix all,near-duplicates --preview`,
    `${EXAMPLE} --fix all --out repaired.jsonl`,
  ],
  flags: FLAGS,
  positionals: ['FILE…'],
  run,
};

async function run(args: Arguments, streams: Streams): Promise<number> {
  const files = [{ name: 'the arguments', settings: { data: [...args.positionals] } }];
  const config = settle(args, FLAGS, files, { name: 'data check', example: EXAMPLE }, parseDoctorConfig);
  const style = styleFor(streams.out, process.env);
  const width = Math.min(streams.out.columns || 110, 110);
  const work = (io: WorkIo) => workHere('check', config, io);
  await printResult(args, streams, work, (report) => reportText(report, style, width));
  return EXIT.ok;
}

const MARKS: Readonly<
  Record<DoctorFinding['severity'], { word: string; paint: 'error' | 'warning' | 'faint' }>
> = {
  harm: { word: 'harm', paint: 'error' },
  warning: { word: 'warning', paint: 'warning' },
  note: { word: 'note', paint: 'faint' },
};
const INDENT = '    ';

/** The whole report, at most `width` columns wide where texts can be broken. */
export function reportText(report: DoctorReport, style: Style, width: number): string {
  return [
    ...headLines(report),
    ...report.findings.flatMap((finding) => ['', ...findingLines(finding, report, style, width)]),
    '',
    ...repairLines(report),
    ...wrap(summary(report), width),
    '',
  ].join('\n');
}

function headLines({ files, rows, unreadable, lengths, labels, seconds, notes }: DoctorReport): string[] {
  const bad = unreadable > 0 ? `, ${number(unreadable)} that cannot be read` : '';
  const about = lengths.counted ? '' : 'about ';
  return [
    `Data     ${files.map(place).join(', ')}`,
    `Rows     ${number(rows)}${bad}, checked in ${duration(seconds)}`,
    `Length   half have ${about}${plural(lengths.median, 'token')} or fewer, the longest ${about}${number(lengths.most)}; ${about}${number(lengths.tokens)} in all`,
    ...labels.slice(0, 4).map(({ field, values }) => {
      const some = values.slice(0, 8).map(({ value, rows: of }) => `${value} ${number(of)}`);
      const more = values.length > 8 ? `, and ${values.length - 8} more` : '';
      return printable(`Labels   ${field === null ? '' : `${field}: `}${some.join(', ')}${more}`);
    }),
    ...notes.map((note) => printable(`Note     ${note}`)),
  ];
}

function findingLines(finding: DoctorFinding, report: DoctorReport, style: Style, width: number): string[] {
  const { word, paint } = MARKS[finding.severity];
  const affected = rowsOfAll(finding.rows, finding.share);
  const { fix, detail } = finding;
  const names = [fix?.name, fix?.instead?.name];
  const preview = report.repair?.fixes.some(({ name }) => names.includes(name)) ? (fix?.preview ?? []) : [];
  return [
    `${style[paint](word.padEnd(8))} ${finding.title}${affected && `: ${affected}`}`,
    ...indented(detail === '' ? finding.why : `${detail} ${finding.why}`, width),
    ...finding.examples.flatMap((example) => exampleLines(example, style)),
    ...(fix ? indented(fixText(fix), width) : []),
    ...preview.flatMap((one) => previewLines(one, style)),
  ];
}

function fixText({ name, does, safe, instead }: NonNullable<DoctorFinding['fix']>): string {
  const way = (fix: string, what: string, isSafe: boolean) =>
    `${what}: --fix ${fix}${isSafe ? '' : ' (not part of all)'}.`;
  return instead
    ? `${way(name, does, safe)} ${way(instead.name, instead.does, false)}`
    : way(name, does, safe);
}

function indented(text: string, width: number): string[] {
  return wrap(printable(text), width - INDENT.length).map((line) => INDENT + line);
}

function exampleLines({ where, text, beside }: DoctorExample, style: Style): string[] {
  const line = (label: string, at: string, piece: string) =>
    `${INDENT}${style.faint(`${label}${place(at)}`)}  ${printable(piece).replaceAll('\n', ' ')}`;
  return [line('', where, text), ...(beside ? [line('  beside ', beside.where, beside.text)] : [])];
}

function previewLines({ where, before, after }: DoctorPreview, style: Style): string[] {
  const one = (sign: string, piece: string) => `${INDENT}  ${sign} ${printable(piece).replaceAll('\n', ' ')}`;
  return [
    `${INDENT}${style.faint(place(where))}`,
    style.error(one('-', before)),
    after === null ? style.faint(`${INDENT}  (left out)`) : style.bar(one('+', after)),
  ];
}

function repairLines({ repair }: DoctorReport): string[] {
  if (!repair) return [];
  const { out, undo, keptRows, changedRows, droppedRows, fixes } = repair;
  const verb = out === null ? 'would have' : 'has';
  const done = fixes.map(({ name, changed, dropped }) => {
    const parts = [
      changed > 0 ? `changes ${plural(changed, 'row')}` : '',
      dropped > 0 ? `leaves out ${plural(dropped, 'row')}` : '',
    ];
    return `  ${name} ${parts.filter(Boolean).join(' and ')}`;
  });
  return [
    `The new file ${verb} ${plural(keptRows, 'row')}, ${number(changedRows)} of them changed; ${number(droppedRows)} left out.`,
    ...done,
    ...(out === null
      ? ['Nothing was written; --out FILE writes it.']
      : [
          `Wrote ${place(out)}; to undo: fettle data undo ${quoted(place(out))} --out RESTORED.jsonl`,
          `What undoes it is in ${place(undo ?? '')}: it holds what was taken out, so keep it as safe as the original.`,
        ]),
    '',
  ];
}

function summary({ findings, rows, repair }: DoctorReport): string {
  const harmful = findings.filter(({ severity }) => severity === 'harm');
  const others = findings.length - harmful.length;
  if (findings.length === 0) return `Nothing wrong was found in ${plural(rows, 'row')}.`;
  const names = harmful.map(({ title }) => title.charAt(0).toLowerCase() + title.slice(1)).join('; ');
  const first =
    harmful.length === 0
      ? `Nothing harmful was found; ${plural(others, 'thing')} to look at.`
      : `${plural(harmful.length, 'thing')} would harm the training: ${names}.${others > 0 ? ` ${plural(others, 'more thing')} to look at.` : ''}`;
  const canFix = findings.some(({ fix }) => fix?.safe);
  if (repair || findings.every(({ fix }) => fix === null)) return first;
  const what = canFix
    ? 'To repair what is safe to repair, add --fix all --preview'
    : 'To repair something, add --fix NAME --preview';
  return `${first} ${what} to see it, then --out NEW.jsonl instead of --preview to write it; fettle data undo NEW.jsonl --out OLD.jsonl takes it back.`;
}

/** A path as a shell takes it. */
function quoted(path: string): string {
  return /^[\w./\\:+-]+$/.test(path) ? path : `"${path}"`;
}

/** A path as seen from here, where that is shorter. */
function place(where: string): string {
  const here = relative(process.cwd(), where);
  return here !== '' && !here.startsWith('..') && here.length < where.length ? here : where;
}

const UNDO_EXAMPLE = 'fettle data undo repaired.jsonl --out restored.jsonl';

const UNDO_FLAGS: readonly Flag[] = [
  {
    name: 'out',
    about: 'new file for the rows as they were (JSON Lines)',
    group: 'Files',
    value: 'FILE',
    required: true,
    alsoCalled: ['output', 'to'],
  },
  { name: 'overwrite', about: 'replace the file of --out if it exists', group: 'Files' },
  JSON_FLAG,
  HELP_FLAG,
];

export const undoCommand: Command = {
  usage: 'data undo FILE --out FILE [flags]',
  about: 'FILE was written by `fettle data check --fix`; FILE.undo.jsonl beside it holds what was changed.',
  examples: [UNDO_EXAMPLE],
  flags: UNDO_FLAGS,
  positionals: ['FILE'],
  run: runUndo,
};

async function runUndo(args: Arguments, streams: Streams): Promise<number> {
  const out = args.values.get('out');
  if (typeof out !== 'string')
    throw badUsage('--out is missing: new file for the rows.', `For example: ${UNDO_EXAMPLE}`);
  const [file, overwrite] = [resolve(args.positionals[0] ?? ''), args.values.get('overwrite') === true];
  const work = (io: WorkIo) => workHere('undo', { file, out: resolve(out), overwrite }, io);
  await printResult(args, streams, work, undoText);
  return EXIT.ok;
}

function undoText({ rows, out, restoredRows, unreadableRows }: DoctorUndo): string {
  const lost =
    unreadableRows > 0
      ? ` ${plural(unreadableRows, 'row')} that could not be read are only in the original.`
      : '';
  return `Wrote ${plural(rows, 'row')} to ${out}, ${number(restoredRows)} of them put back as they were.${lost}\n`;
}
