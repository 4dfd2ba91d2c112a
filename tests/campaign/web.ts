/** What other programs, pages and people may send to the web host and to the endpoint of a model. */
import { type Attack, type Figures, timed } from './attack.ts';
import { attackEndpoint } from './web/endpoint.ts';
import { attackHost } from './web/host.ts';

export const web: Attack = {
  name: 'web',
  async run({ only, folder, note }) {
    const rows: Figures[] = [];
    const things = { 'web host': () => attackHost(), endpoint: () => attackEndpoint(folder) };
    for (const [thing, attack] of Object.entries(things)) {
      if (!only(thing)) continue;
      rows.push(await timed(thing, attack));
      note(`web ${thing}: ${rows.at(-1)!.outcome}`);
    }
    return rows;
  },
};
