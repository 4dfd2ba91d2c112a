/** One check in a process of its own, because a driver may take the process down. Argument: what is asked, as JSON. */
import fs from 'node:fs';
import { CHECKS } from './checks.ts';
import { Clock } from './clock.ts';
import type { Asked } from './facts.ts';

const asked = JSON.parse(process.argv[2]!) as Asked;
// written at once: what a pipe still holds is lost with the process
const clock = new Clock(asked.seconds);
await CHECKS[asked.part](asked, (fact) => fs.writeSync(1, `${JSON.stringify(fact)}\n`), clock);
process.exit(0);
