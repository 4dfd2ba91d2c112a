/** The tools that an assistant gets: each a command with some of its flags, and words that say when to use it and when not. */
import type { CommandEntry } from '../../cli/command.ts';

export interface Tool {
  readonly name: string;
  readonly title: string;
  /** What an assistant reads before it calls it. */
  readonly about: string;
  /** The command, after `fettle`. */
  readonly command: string;
  /** Flags of the command that are arguments of the tool. */
  readonly flags: readonly string[];
  /** Required besides what the command requires. */
  readonly required?: readonly string[];
  /** Flags that are always given. */
  readonly always?: readonly string[];
  /** An argument without a flag, which names files or runs. */
  readonly positional?: { readonly name: string; readonly about: string; readonly isRun?: true };
  /** Whether it writes nothing. */
  readonly readsOnly?: true;
  /** Whether the answer also lists the models here. */
  readonly listsModels?: true;
}

const READING = ['map', 'sheet', 'prompt-template', 'system'];

/** What a training is given, and a plan of it. */
const TRAINED = [
  ...['model', 'data', 'eval-data', 'method', 'epochs', 'max-steps', 'learning-rate', 'rank', 'max-length'],
  ...['replay', ...READING],
];

const WHEN_NOT =
  'Do not train a language model to sort texts before sort_in_seconds was tried. Measured on real bank messages with 30 rows a category, word counts get 96 of 100 right ' +
  'in two seconds, frozen vectors 96, a trained model of 135 million weights 97 after two minutes; with 4 rows a category vectors get 88, word counts 82, the model 80. ' +
  'Do not train to teach facts: an instruction or a search in documents does that better. Fewer than 50 rows rarely teach a style.';

export const TOOLS: readonly Tool[] = [
  {
    name: 'check_computer',
    title: 'Check the computer',
    about:
      'Shows processor, memory, graphics cards, and the models on this computer with their paths. Begin here.',
    command: 'hardware',
    flags: [],
    readsOnly: true,
    listsModels: true,
  },
  {
    name: 'look_at_data',
    title: 'Look at data',
    about:
      'Shows how files are read as rows: format, columns, what was detected as question and answer, and the first rows. Look before anything else is done ' +
      'with data. Wrong columns are named with map, such as prompt=subject+body,answer=topic.',
    command: 'data show',
    flags: READING,
    positional: { name: 'data', about: 'files with rows: .jsonl, .json, .csv, .parquet, .xlsx or .txt' },
    readsOnly: true,
  },
  {
    name: 'check_data',
    title: 'Check data',
    about:
      'Finds problems in rows: duplicates, empty or cut answers, broken characters, private data, test rows among the training rows. With fix and out it ' +
      'writes a repaired file and an undo file; preview only shows what that would change.',
    command: 'data check',
    flags: ['eval-data', 'model', 'fix', 'out', 'preview', ...READING],
    positional: { name: 'data', about: 'files with rows' },
  },
  {
    name: 'sort_in_seconds',
    title: 'Sort in seconds',
    about:
      'For rows that are sorted into categories: learns word counts, and vectors where an encoder is here, in seconds and without a language model, and ' +
      'says how many of unseen rows it gets right. Try it before train: often nothing more is needed. The folder in out is for classify.',
    command: 'sorter',
    flags: ['data', 'eval-data', 'out', 'by', 'encoder', ...READING],
    required: ['data'],
  },
  {
    name: 'plan',
    title: 'Plan a training',
    about: `Predicts memory, time and settings of a training before it starts, and changes nothing. ${WHEN_NOT}`,
    command: 'plan',
    flags: [...TRAINED, 'wish', 'hours'],
    always: ['--propose'],
    readsOnly: true,
  },
  {
    name: 'train',
    title: 'Train a model',
    about:
      'Fine-tunes a model on rows, then compares it with its base model on test rows and says whether it learned the task and what it forgot. Takes minutes to ' +
      `hours: it answers after wait_seconds and goes on; use follow. Leave settings out, and Fettle chooses them. ${WHEN_NOT}`,
    command: 'train',
    flags: ['out', ...TRAINED, 'resume'],
  },
  {
    name: 'assess',
    title: 'Verdict on a run',
    about:
      'Compares a run with its base model again: what it learned, what it forgot, and whether a simpler way does as well. train does it at its end. Tell the ' +
      'person the verdict as it is; where a simpler way is no worse, advise that.',
    command: 'assess',
    flags: ['run', 'model', 'rows', 'thorough'],
  },
  {
    name: 'compare_runs',
    title: 'Compare runs',
    about: 'Sets runs side by side: scores, verdicts, and the settings in which they differ.',
    command: 'runs compare',
    flags: [],
    positional: { name: 'runs', about: 'folders of runs', isRun: true },
    readsOnly: true,
  },
  {
    name: 'classify',
    title: 'Sort rows',
    about:
      'Sorts rows into the categories of a run or of a sorter, each with a score, and marks those that a person should look at. Without data it only ' +
      'measures the test rows.',
    command: 'classify',
    flags: ['run', 'data', 'out', 'ask-below', 'words', ...READING],
  },
  {
    name: 'chat',
    title: 'Ask a model',
    about:
      'Lets a model answer one message, as it is or with the adapter of a run: the folder in out of train.',
    command: 'generate',
    flags: ['model', 'adapter', 'prompt', 'system', 'max-new-tokens', 'temperature'],
  },
  {
    name: 'export',
    title: 'Export a model',
    about:
      'Writes a run as a file for Ollama and llama.cpp (as gguf), or for Transformers (safetensors, peft), and proves it: the file is loaded back and must answer ' +
      'as the trained model does. Ollama’s Modelfile is written beside it.',
    command: 'export',
    flags: ['run', 'model', 'as', 'type', 'name', 'out'],
  },
];

/** The command of a tool, as the table of commands has it. */
export function entryOf({ command }: Tool, commands: readonly CommandEntry[]): CommandEntry {
  const entry = commands.find(({ name }) => name === command);
  if (!entry) throw new Error(`internal: there is no command ${command}`);
  return entry;
}
