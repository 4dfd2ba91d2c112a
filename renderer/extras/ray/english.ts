/** The words of adding a Ray cluster. */
export const rayText = {
  hostHint: 'Of the cluster’s dashboard. Through a tunnel: http://localhost:8265.',
  pythonHint: 'Empty: the one that Ray runs with.',
  token: 'Access token',
  tokenHint: 'Whoever has it can run programs there.',
  workers: 'Workers',
  workersHint: 'Empty: one for each card.',
  folder: 'Folder there',
  folderHint: 'All its computers must see it. Empty: in the home folder.',
} as const;
