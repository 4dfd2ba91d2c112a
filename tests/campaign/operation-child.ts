/** Does one operation in a process of its own, to be killed at any moment. Arguments: its name, the folder. */
import { OPERATIONS } from './operations.ts';

const [name, folder] = process.argv.slice(2) as [string, string];
const operation = OPERATIONS.find((one) => one.name === name)!;
process.send?.({ begins: true });
const made = await operation.run(folder);
process.send?.({ made }, undefined, undefined, () => process.exit(0));
