/** The list of commands. A command's own file is read only when it is used, so that help appears at once. */
import * as extras from '../extras/commands.ts';
import type { CommandEntry, ExtraCommand } from './command.ts';

const CORE: readonly CommandEntry[] = [
  {
    name: 'train',
    summary: 'fine-tune a model on rows of text or chat',
    alsoCalled: ['finetune', 'fine-tune', 'tune', 'fit', 'sft', 'lora', 'resume'],
    load: () => import('./train.ts'),
  },
  {
    name: 'submit',
    summary: 'train on another computer, with the result back here',
    alsoCalled: ['remote', 'launch', 'sbatch', 'cluster', 'ssh', 'elsewhere'],
    load: () => import('./submit.ts'),
  },
  {
    name: 'plan',
    summary: 'show what a training needs before it starts',
    alsoCalled: ['estimate', 'foretell', 'fits', 'dry-run', 'price', 'probe'],
    load: () => import('./plan/plan.ts'),
  },
  {
    name: 'profile',
    summary: 'show where the time of a training step goes',
    alsoCalled: ['trace', 'perf', 'timeline', 'hotspots', 'flamegraph', 'mfu'],
    load: () => import('./profile.ts'),
  },
  {
    name: 'eval',
    summary: 'measure the loss of a model on rows',
    alsoCalled: ['evaluate', 'test', 'perplexity', 'measure'],
    load: () => import('./judge.ts').then(({ evalCommand: command }) => ({ command })),
  },
  {
    name: 'assess',
    summary: 'show what a run learned and forgot',
    alsoCalled: ['judge', 'verdict', 'report', 'score', 'benchmark', 'forgetting'],
    load: () => import('./judge.ts').then(({ assessCommand: command }) => ({ command })),
  },
  {
    name: 'compare',
    summary: 'judge answers before and after, without knowing which is which',
    alsoCalled: ['blind', 'ab', 'ab-test', 'vote', 'prefer'],
    load: () => import('./judge.ts').then(({ compareCommand: command }) => ({ command })),
  },
  {
    name: 'generate',
    summary: 'let a model answer a prompt',
    alsoCalled: ['chat', 'infer', 'predict', 'complete', 'prompt', 'ask'],
    load: () => import('./answer.ts').then(({ generateCommand: command }) => ({ command })),
  },
  {
    name: 'classify',
    summary: 'sort rows into the categories of a run, each with a score',
    alsoCalled: ['sort', 'categorize', 'categorise', 'label', 'predict-labels', 'triage'],
    load: () => import('./answer.ts').then(({ classifyCommand: command }) => ({ command })),
  },
  {
    name: 'sorter',
    summary: 'train a word counter that sorts rows, without a model',
    alsoCalled: ['counter', 'word-counter', 'baseline', 'tfidf', 'logistic-regression', 'bag-of-words'],
    load: () => import('./sorter.ts'),
  },
  {
    name: 'run',
    summary: 'let other programs use a model, through OpenAI’s API or Ollama’s',
    alsoCalled: ['endpoint', 'api', 'openai', 'host', 'llama-server'],
    load: () => import('./answer.ts').then(({ runCommand: command }) => ({ command })),
  },
  {
    name: 'export',
    summary: 'export a model for Ollama, llama.cpp or Transformers',
    alsoCalled: ['convert', 'quantize', 'quantise', 'publish', 'gguf', 'save', 'deploy'],
    load: () => import('./export.ts'),
  },
  {
    name: 'inspect',
    summary: 'show family, sizes, tokenizer and licence of a model',
    alsoCalled: ['info', 'show', 'describe', 'ls'],
    load: () => import('./inspect.ts'),
  },
  {
    name: 'data show',
    summary: 'show how data files are read, and their first rows',
    alsoCalled: ['data head', 'data preview', 'data view', 'data inspect', 'head', 'preview'],
    load: () => import('./data/show.ts'),
  },
  {
    name: 'data check',
    summary: 'find problems in data, and fix them in a new file',
    alsoCalled: [
      'data doctor',
      'data lint',
      'data validate',
      'data clean',
      'data fix',
      'doctor',
      'lint',
      'validate',
      'check',
    ],
    load: () => import('./data/check.ts'),
  },
  {
    name: 'data more',
    summary: 'forecast what more rows would bring, and in which categories',
    alsoCalled: ['data forecast', 'data grow', 'data curve', 'learning-curve', 'how-many-rows'],
    load: () => import('./data/more.ts'),
  },
  {
    name: 'data undo',
    summary: 'undo the fixes of `data check --fix`',
    alsoCalled: ['data restore', 'data revert', 'undo', 'restore'],
    load: async () => ({ command: (await import('./data/check.ts')).undoCommand }),
  },
  {
    name: 'runs list',
    summary: 'list, search and sort runs',
    alsoCalled: ['runs ls', 'runs search', 'runs find', 'runs history', 'history', 'list', 'log'],
    load: () => import('./runs/list.ts'),
  },
  {
    name: 'runs show',
    summary: 'show everything about a run',
    alsoCalled: ['runs info', 'runs get', 'runs describe', 'runs view', 'runs inspect'],
    load: () => import('./runs/show.ts'),
  },
  {
    name: 'runs compare',
    summary: 'compare runs',
    alsoCalled: ['runs diff', 'diff'],
    load: async () => ({ command: (await import('./runs/show.ts')).compareCommand }),
  },
  {
    name: 'runs edit',
    summary: 'change name, notes and tags of a run',
    alsoCalled: ['runs rename', 'runs tag', 'runs note', 'runs name', 'rename', 'tag'],
    load: () => import('./runs/edit.ts'),
  },
  {
    name: 'runs delete',
    summary: 'put runs into the bin, or delete them for good',
    alsoCalled: ['runs rm', 'runs remove', 'runs purge', 'delete', 'remove', 'rm'],
    load: async () => ({ command: (await import('./runs/bin.ts')).deleteCommand }),
  },
  {
    name: 'runs bin',
    summary: 'show deleted runs, and empty the bin',
    alsoCalled: ['runs trash', 'runs deleted', 'runs empty', 'bin', 'trash'],
    load: async () => ({ command: (await import('./runs/bin.ts')).binCommand }),
  },
  {
    name: 'runs restore',
    summary: 'take runs out of the bin',
    alsoCalled: ['runs undelete', 'runs undo', 'runs recover', 'undelete'],
    load: async () => ({ command: (await import('./runs/bin.ts')).restoreCommand }),
  },
  {
    name: 'hardware',
    summary: 'show what this computer has: processor, memory, graphics cards',
    alsoCalled: ['check', 'computer', 'gpu', 'gpus', 'system', 'probe', 'env', 'machine'],
    load: () => import('./hardware.ts'),
  },
  // the two words first: `devices` alone is a command, too
  {
    name: 'devices get',
    summary: 'download the speed pack or the Vulkan pack',
    alsoCalled: ['devices install', 'devices add', 'devices download', 'vulkan', 'speed', 'openvino'],
    load: () => import('./devices/packs.ts').then(({ getCommand: command }) => ({ command })),
  },
  {
    name: 'devices remove',
    summary: 'delete a pack',
    alsoCalled: ['devices rm', 'devices delete', 'devices uninstall'],
    load: () => import('./devices/packs.ts').then(({ removeCommand: command }) => ({ command })),
  },
  {
    name: 'devices test',
    summary: 'test whether the speed pack computes right and how fast',
    alsoCalled: ['devices verify', 'devices try'],
    load: () => import('./devices/packs.ts').then(({ testCommand: command }) => ({ command })),
  },
  {
    name: 'devices',
    summary: 'show the devices that training can use, and why not the rest',
    alsoCalled: ['device', 'accelerators'],
    load: () => import('./devices/list.ts'),
  },
  {
    name: 'targets add',
    summary: 'name another computer that can train',
    alsoCalled: ['targets new', 'targets create', 'targets set'],
    load: () => import('./targets/targets.ts').then(({ addCommand: command }) => ({ command })),
  },
  {
    name: 'targets list',
    summary: 'list other computers that can train',
    alsoCalled: ['targets ls', 'targets show', 'targets'],
    load: () => import('./targets/targets.ts').then(({ listCommand: command }) => ({ command })),
  },
  {
    name: 'targets test',
    summary: 'show what such a computer has and lacks',
    alsoCalled: ['targets check', 'targets try', 'targets ping'],
    load: () => import('./targets/targets.ts').then(({ testCommand: command }) => ({ command })),
  },
  {
    name: 'targets price',
    summary: 'set that computer’s hourly price',
    alsoCalled: ['targets cost'],
    load: () => import('./targets/targets.ts').then(({ priceCommand: command }) => ({ command })),
  },
  {
    name: 'targets remove',
    summary: 'forget such a computer',
    alsoCalled: ['targets rm', 'targets delete'],
    load: () => import('./targets/targets.ts').then(({ removeCommand: command }) => ({ command })),
  },
  {
    name: 'settings',
    summary: 'show or set power and electricity price',
    alsoCalled: ['config', 'set', 'preferences', 'options'],
    load: () => import('./costs.ts'),
  },
  {
    name: 'demo',
    summary: 'fine-tune a tiny model on bundled rows, to see how it works',
    alsoCalled: ['example', 'try', 'tutorial'],
    load: () => import('./demo.ts'),
  },
  {
    name: 'start',
    summary: 'open Fettle in a window, or in a browser',
    alsoCalled: ['open', 'app', 'gui', 'ui', 'window'],
    load: async () => ({ command: (await import('./serve.ts')).startCommand }),
  },
  {
    name: 'serve',
    summary: 'serve the application to a browser, here or on another computer',
    alsoCalled: ['server', 'web', 'host', 'listen', 'http', 'browser'],
    load: () => import('./serve.ts'),
  },
];

/** All of them, those of extras each after the one that it names. */
export const COMMANDS: readonly CommandEntry[] = CORE.flatMap((entry) => [
  entry,
  ...Object.values<ExtraCommand>(extras).filter(({ after }) => after === entry.name),
]);
