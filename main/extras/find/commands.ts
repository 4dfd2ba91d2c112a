import type { ExtraCommand } from '../../cli/command.ts';

export const findCommand: ExtraCommand = {
  after: 'classify',
  name: 'find',
  summary: 'find passages in a folder of documents by meaning',
  alsoCalled: ['semantic-search', 'index', 'ask', 'retrieve', 'rag', 'embed'],
  load: () => import('./find-command.ts'),
};

export const rankCommand: ExtraCommand = {
  after: 'classify',
  name: 'rank',
  summary: 'measure how well passages are found, by words and by meaning',
  alsoCalled: ['ndcg', 'mteb', 'beir', 'retrieval-eval'],
  load: () => import('./rank-command.ts'),
};

export const vectorsCommand: ExtraCommand = {
  after: 'classify',
  name: 'vectors',
  summary: 'train an encoder to find your passages by meaning',
  alsoCalled: ['sentence-transformers', 'embeddings', 'train-embeddings', 'fine-tune-embeddings', 'mnrl'],
  load: () => import('./vectors-command.ts'),
};

export const rerankerCommand: ExtraCommand = {
  after: 'classify',
  name: 'reranker',
  summary: 'train a model that puts found passages in order',
  alsoCalled: ['rerank', 'cross-encoder', 'train-reranker', 'crossencoder'],
  load: () => import('./reranker-command.ts'),
};
