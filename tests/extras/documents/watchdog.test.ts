/** A hostile document in a real process that only reads. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openEngineCalls } from '../../../main/runs/engine-calls.ts';
import { forkReader } from '../../../main/runs/fork.ts';
import { guarded } from '../../../main/runs/watchdog.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';
import { pdf } from './made.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);
const place = (name: string) => path.join(folder, name);

it('a document that never ends is ended, and the one after it is read', async () => {
  const budget = () => ({ milliseconds: 1500, bytes: 4e9 });
  const reading = openEngineCalls(forkReader, { readers: () => guarded(forkReader(), { budget }) });
  try {
    const line = ['A line of text', 11, 700] as const;
    writeFileSync(place('bomb.pdf'), doublingPdf(40));
    writeFileSync(place('sound.pdf'), pdf([[line]]));
    await expect(reading.document(place('bomb.pdf'))).rejects.toMatchObject({
      code: 'data-too-slow',
      message: expect.stringContaining('bomb.pdf'),
    });
    expect(await reading.document(place('sound.pdf'))).toMatchObject([{ text: 'A line of text' }]);
  } finally {
    reading.close();
  }
});

/** A PDF of forms each of which shows the next one twice; the last is a letter. */
function doublingPdf(levels: number): Buffer {
  const font = '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>';
  const form = (uses: string, draws: string) =>
    `<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << ${uses} >> /Length ${draws.length} >>\nstream\n${draws}\nendstream`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /XObject << /F 5 0 R >> >> /Contents 4 0 R >>',
    '<< /Length 5 >>\nstream\n/F Do\nendstream',
    ...Array.from({ length: levels }, (_, i) => form(`/XObject << /F ${6 + i} 0 R >>`, '/F Do /F Do')),
    form(`/Font << /A ${6 + levels} 0 R >>`, 'BT /A 9 Tf (a) Tj ET'),
    font,
  ];
  let file = '%PDF-1.4\n';
  const table = objects.map((content, i) => {
    const at = file.length;
    file += `${i + 1} 0 obj\n${content}\nendobj\n`;
    return `${String(at).padStart(10, '0')} 00000 n \n`;
  });
  const end = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${table.join('')}`;
  return Buffer.from(
    `${file}${end}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`,
    'latin1',
  );
}
