/** A process that downloads one model and says how far it is, to be killed in the middle. Arguments: folder, Hub, model. */
import { openPart } from './hub.ts';

const [folder, hubUrl, repo] = process.argv.slice(2) as [string, string, string];
const { hub } = await openPart({ folder, hubUrl });
await hub.download(repo);
for await (const [download] of hub.downloads()) console.log(`${download?.state} ${download?.bytes}`);
