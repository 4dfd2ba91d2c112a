/** What is said of a process that a test has killed. */
import { killCount } from '../../main/runs/fork.ts';

/** The code of the problem: where the system counts its own kills, it is known that this was none of them. */
export const KILLED = killCount() === null ? 'out-of-memory' : 'engine-died';
