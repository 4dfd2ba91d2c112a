import type { ExtraCommand } from '../../cli/command.ts';

export const rowsCommand: ExtraCommand = {
  after: 'data undo',
  name: 'rows',
  summary: 'write rows about documents, with a model on this computer',
  alsoCalled: ['data rows', 'data generate', 'synth', 'synthesize', 'qa', 'documents', 'rag'],
  load: () => import('./command.ts'),
};
