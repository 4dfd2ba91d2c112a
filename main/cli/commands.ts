/** The list of commands. A command's own file is read only when it is used, so that help appears at once. */
import type { CommandEntry } from './command.ts';
import { RUNS_COMMANDS } from './runs/runs.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'train',
    summary: 'fine-tune a model on rows of text or chat',
    alsoCalled: ['finetune', 'fine-tune', 'tune', 'fit', 'sft', 'lora', 'resume'],
    load: () => import('./train.ts'),
  },
  {
    name: 'plan',
    summary: 'tell what a training needs and how long it takes, before it begins',
    alsoCalled: ['estimate', 'foretell', 'fits', 'dry-run', 'price', 'probe'],
    load: () => import('./plan/plan.ts'),
  },
  {
    name: 'eval',
    summary: 'measure the loss of a model on rows',
    alsoCalled: ['evaluate', 'test', 'perplexity', 'measure'],
    load: () => import('./eval.ts'),
  },
  {
    name: 'assess',
    summary: 'tell whether a run learned, and what it forgot',
    alsoCalled: ['judge', 'verdict', 'report', 'score', 'benchmark', 'forgetting'],
    load: () => import('./assess.ts'),
  },
  {
    name: 'compare',
    summary: 'judge answers before and after, not knowing which is which',
    alsoCalled: ['blind', 'ab', 'ab-test', 'vote', 'prefer'],
    load: () => import('./compare.ts'),
  },
  {
    name: 'blend',
    summary: 'mix a run with the untouched model, against forgetting',
    alsoCalled: ['soften', 'mix', 'interpolate', 'average', 'wise-ft', 'merge-back'],
    load: () => import('./blend.ts'),
  },
  {
    name: 'generate',
    summary: 'let a model answer a prompt',
    alsoCalled: ['chat', 'run', 'infer', 'predict', 'complete', 'prompt', 'ask'],
    load: () => import('./generate.ts'),
  },
  {
    name: 'export',
    summary: 'write a trained model for Ollama, llama.cpp, Transformers',
    alsoCalled: ['convert', 'merge', 'quantize', 'quantise', 'publish', 'gguf', 'save', 'deploy'],
    load: () => import('./export.ts'),
  },
  {
    name: 'inspect',
    summary: 'show what a model holds: family, sizes, tokenizer, licence',
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
    summary: 'find what is wrong with data, and fix it in a new file',
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
    name: 'data undo',
    summary: 'undo the fixes of a file that `data check --fix` has written',
    alsoCalled: ['data restore', 'data revert', 'undo', 'restore'],
    load: () => import('./data/undo.ts'),
  },
  ...RUNS_COMMANDS,
  {
    name: 'learn memory',
    summary: 'show what memory a training needs, by the textbook',
    alsoCalled: ['learn mem', 'learn ram', 'learn vram', 'learn calculator', 'vram', 'memory'],
    load: () => import('./learn/memory.ts'),
  },
  {
    name: 'learn time',
    summary: 'show what a training takes and costs, by the textbook',
    alsoCalled: ['learn cost', 'learn flops', 'learn price', 'learn gpu', 'cost', 'flops'],
    load: () => import('./learn/time.ts'),
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
    summary: 'get the libraries that computing on cards of NVIDIA needs',
    alsoCalled: ['devices install', 'devices add', 'devices download', 'cuda', 'nvidia'],
    load: () => import('./devices/nvidia.ts').then(({ getCommand: command }) => ({ command })),
  },
  {
    name: 'devices remove',
    summary: 'delete these libraries',
    alsoCalled: ['devices rm', 'devices delete', 'devices uninstall'],
    load: () => import('./devices/nvidia.ts').then(({ removeCommand: command }) => ({ command })),
  },
  {
    name: 'devices',
    summary: 'show what training can compute on here, and why not on the rest',
    alsoCalled: ['device', 'accelerators'],
    load: () => import('./devices/list.ts'),
  },
  {
    name: 'settings',
    summary: 'show or set what plans count with for electricity',
    alsoCalled: ['config', 'set', 'preferences', 'options'],
    load: () => import('./kept-settings.ts'),
  },
  {
    name: 'demo',
    summary: 'fine-tune a very small model on bundled rows, to see how it works',
    alsoCalled: ['example', 'try', 'tutorial'],
    load: () => import('./demo/demo.ts'),
  },
  {
    name: 'start',
    summary: 'open Fettle in a window, or in a browser where there is none',
    alsoCalled: ['open', 'app', 'gui', 'ui', 'window'],
    load: async () => ({ command: (await import('./serve.ts')).startCommand }),
  },
  {
    name: 'serve',
    summary: 'serve the application to a browser, also of another computer',
    alsoCalled: ['server', 'web', 'host', 'listen', 'http', 'browser'],
    load: () => import('./serve.ts'),
  },
];
