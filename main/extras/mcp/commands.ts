import type { ExtraCommand } from '../../cli/command.ts';

export const mcpCommand: ExtraCommand = {
  after: 'serve',
  name: 'mcp',
  summary: 'let an assistant do the work, through the Model Context Protocol',
  alsoCalled: ['assistant', 'agent', 'model-context-protocol', 'mcp-server', 'tools'],
  load: () => import('./command.ts'),
};
