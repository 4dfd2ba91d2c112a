/** The model card beside every export. It says nothing that the run's files do not say. */
import path from 'node:path';
import type { ExportResult } from '../../../common/protocol/protocol.ts';
import type { CardForm, ExportJob, ModelFacts } from './export-job.ts';

export interface CardFacts extends ModelFacts {
  readonly form: CardForm;
  readonly type: string;
  /** Settings of the run and their values, in order; empty for a model that is exported as it is. */
  readonly settings: readonly (readonly [string, string])[];
  /** SHA-256 of the rows' content, and their number; null where the data could not be read any more. */
  readonly data: { readonly hash: string; readonly rows: number; readonly heldOutRows: number } | null;
  /** What was measured: name, before, after; a value that was not measured is null. */
  readonly scores: readonly {
    readonly name: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
  /** The verdict of the assessment, in its own words. */
  readonly verdict: string | null;
  readonly proof: string;
  /** The file that the usage names. */
  readonly file: string;
  /** Rows that the base model's tables need before an adapter with new tokens; null or missing: enough. */
  readonly rows?: number | null;
  /** What it sorts into; null or missing: it goes on with texts. */
  readonly categories?: readonly string[] | null;
}

export function modelCard(facts: CardFacts): string {
  const sections = [
    frontMatter(facts),
    `# ${facts.name}`,
    introduction(facts),
    ...(facts.settings.length > 0 ? [`## How it was trained\n\n${training(facts)}`] : []),
    ...(facts.scores.length > 0 || facts.verdict !== null ? [`## How well it does\n\n${scores(facts)}`] : []),
    `## How to use it\n\n${USAGE[facts.form](facts)}`,
    `## Is the export right?\n\n${facts.proof}`,
  ];
  return `${sections.join('\n\n')}\n`;
}

const LIBRARY: Readonly<Record<CardForm, string>> = {
  peft: 'peft',
  safetensors: 'transformers',
  gguf: 'gguf',
  'gguf-adapter': 'gguf',
};

function frontMatter({ baseModel, licence, tags, form, categories }: CardFacts): string {
  const lines = [
    ...(baseModel === null ? [] : [`base_model: ${yaml(baseModel)}`]),
    ...(licence === null ? [] : [`license: ${yaml(licence)}`]),
    `library_name: ${LIBRARY[form]}`,
    `pipeline_tag: ${categories ? 'text-classification' : 'text-generation'}`,
    'tags:',
    ...tags.map((tag) => `- ${yaml(tag)}`),
  ];
  return `---\n${lines.join('\n')}\n---`;
}

/** Plain where YAML takes it so, else quoted as JSON, which YAML reads too. */
function yaml(text: string): string {
  return /^[A-Za-z][\w./-]*$/.test(text) && !/^(true|false|null|yes|no|on|off)$/i.test(text)
    ? text
    : JSON.stringify(text);
}

const FORMS: Readonly<Record<CardForm, string>> = {
  peft: 'A LoRA adapter',
  safetensors: 'A whole model',
  gguf: 'A whole model as a GGUF file',
  'gguf-adapter': 'A LoRA adapter as a GGUF file',
};

function introduction({ form, baseModel, type, licence, settings }: CardFacts): string {
  const of =
    baseModel === null ? '' : settings.length > 0 ? `, fine-tuned from ${baseModel}` : `, ${baseModel}`;
  const terms =
    licence === null
      ? 'The licence of the base model applies; its files do not name it, so look at where it comes from.'
      : `Licence: ${licence}, as the base model's files name it.`;
  return `${FORMS[form]}${of}. Weights: ${type}. Made with Fettle.\n\n${terms}`;
}

function training({ settings, data }: CardFacts): string {
  const rows = settings.map(([name, value]) => `| ${name} | ${cell(value)} |`);
  const hash =
    data === null
      ? []
      : [
          `| rows | ${data.rows} trained on, ${data.heldOutRows} held out |`,
          `| rows, SHA-256 of their content | \`${data.hash}\` |`,
        ];
  return ['| setting | value |', '|---|---|', ...rows, ...hash].join('\n');
}

function scores({ scores: list, verdict }: CardFacts): string {
  const rows = list.map(({ name, before, after }) => `| ${name} | ${before ?? ''} | ${after ?? ''} |`);
  const table = list.length === 0 ? [] : [['| | before | after |', '|---|---|---|', ...rows].join('\n')];
  return [...(verdict === null ? [] : [verdict]), ...table].join('\n\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

const USAGE: Readonly<Record<CardForm, (facts: CardFacts) => string>> = {
  peft: ({ baseModel, rows, categories }) =>
    python(
      'from peft import PeftModel',
      `from transformers import ${classOf(categories)}`,
      '',
      ...(categories ? [`categories = ${JSON.stringify(categories)}`] : []),
      `base = ${classOf(categories)}.from_pretrained(${JSON.stringify(baseModel ?? 'BASE MODEL')}${categories ? ', id2label=dict(enumerate(categories))' : ''})`,
      // what is in these rows does not matter: the adapter has them
      ...(rows ? [`base.resize_token_embeddings(${rows})  # room for the new tokens`] : []),
      'model = PeftModel.from_pretrained(base, ".")',
    ),
  safetensors: ({ categories }) =>
    categories
      ? python(
          'from transformers import pipeline',
          '',
          'sort = pipeline("text-classification", model=".")',
          'print(sort("a text"))',
        )
      : python(
          'from transformers import AutoModelForCausalLM, AutoTokenizer',
          '',
          'tokenizer = AutoTokenizer.from_pretrained(".")',
          'model = AutoModelForCausalLM.from_pretrained(".")',
        ),
  gguf: ({ name, file }) =>
    `With Ollama: \`ollama create ${name.toLowerCase()} -f Modelfile\`, then \`ollama run ${name.toLowerCase()}\`. With llama.cpp: \`llama-cli -m ${file}\`. LM Studio, Jan and other programs that read GGUF open \`${file}\` as it is.`,
  'gguf-adapter': ({ file }) =>
    `Beside the base model as a GGUF file: \`llama-cli -m BASE.gguf --lora ${file}\`, or with Ollama through the \`Modelfile\`.`,
};

const classOf = (categories: CardFacts['categories']): string =>
  categories ? 'AutoModelForSequenceClassification' : 'AutoModelForCausalLM';

function python(...lines: readonly string[]): string {
  return `\`\`\`python\n${lines.join('\n')}\n\`\`\``;
}

type Commands = ExportResult['next'];

export function nextCommands(job: ExportJob): Commands {
  return NEXT[job.form](job);
}

const NEXT: Readonly<Record<CardForm, (job: ExportJob) => Commands>> = {
  gguf: (job) => [
    ollama(job),
    { about: 'LM Studio', command: `lms import ${quoted(fileIn(job, job.target.names.gguf))}` },
    { about: 'llama.cpp', command: `llama-cli -m ${quoted(fileIn(job, job.target.names.gguf))}` },
  ],
  'gguf-adapter': (job) => [
    ollama(job),
    {
      about: 'llama.cpp',
      command: `llama-cli -m BASE.gguf --lora ${quoted(fileIn(job, job.target.names.gguf))}`,
    },
  ],
  safetensors: (job) => [fettle(job), upload(job)],
  peft: (job) => [
    {
      about: 'here',
      command: job.opened.model.categories
        ? `npx fettle eval --model ${quoted(job.opened.path)} --adapter ${quoted(job.target.out)} --data ROWS.jsonl`
        : `npx fettle generate --model ${quoted(job.opened.path)} --adapter ${quoted(job.target.out)} --prompt "Hello"`,
    },
    upload(job),
  ],
};

function ollama(job: ExportJob) {
  const name = job.facts.name.toLowerCase();
  return {
    about: 'Ollama',
    command: `ollama create ${name} -f ${quoted(fileIn(job, job.target.names.modelfile))}`,
  };
}

function fettle({ target, opened }: ExportJob) {
  const [what, on] = opened.model.categories
    ? ['eval', '--data ROWS.jsonl']
    : ['generate', '--prompt "Hello"'];
  return { about: 'here', command: `npx fettle ${what} --model ${quoted(target.out)} ${on}` };
}

function upload({ facts, target }: ExportJob) {
  return { about: 'Hugging Face Hub', command: `hf upload ${facts.name} ${quoted(target.out)}` };
}

function fileIn({ target }: ExportJob, name: string): string {
  return path.join(target.isFile ? path.dirname(target.out) : target.out, name);
}

/** For a shell: quoted where it is not plain. */
function quoted(text: string): string {
  return /^[\w./\\:@-]+$/.test(text) ? text : JSON.stringify(text);
}
