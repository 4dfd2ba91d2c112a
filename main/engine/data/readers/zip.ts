/** What a ZIP archive says about itself: which kind of document it is, and how much comes out of it. */

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;

export type ZipKind = 'xlsx' | 'docx' | 'pptx' | 'ods' | 'odt' | 'epub' | 'zip';

/** Kinds of document that are ZIP archives, by how the name of an entry, with what follows it, begins. */
const KINDS: readonly (readonly [name: string, kind: ZipKind])[] = [
  ['xl/', 'xlsx'],
  ['word/', 'docx'],
  ['ppt/', 'pptx'],
  ['mimetypeapplication/vnd\\.oasis\\.opendocument\\.spreadsheet', 'ods'],
  ['mimetypeapplication/vnd\\.oasis\\.opendocument', 'odt'],
  ['mimetypeapplication/epub', 'epub'],
];
/** The header of an entry up to its name: packed content can hold any letters, and a document would be taken for another. */
const ENTRY = 'PK\\x03\\x04[^]{26}';

/** The kind of the archive that begins with `head`. */
export function zipKind(head: Buffer): ZipKind {
  const text = head.toString('latin1');
  return KINDS.find(([name]) => new RegExp(ENTRY + name).test(text))?.[1] ?? 'zip';
}

/** Bytes that all entries of a whole archive unpack to, as its directory states; 0 where there is none. */
export function unpackedZipBytes(archive: Buffer): number {
  let total = 0;
  let at = directoryStart(archive);
  while (at >= 0 && at + 46 <= archive.length && archive.readUInt32LE(at) === DIRECTORY_ENTRY) {
    total += archive.readUInt32LE(at + 24);
    const [name, extra, comment] = [28, 30, 32].map((field) => archive.readUInt16LE(at + field));
    at += 46 + name! + extra! + comment!;
  }
  return total;
}

function directoryStart(archive: Buffer): number {
  for (let at = archive.length - 22; at >= Math.max(0, archive.length - 65_557); at--) {
    if (archive.readUInt32LE(at) === END_OF_DIRECTORY) return archive.readUInt32LE(at + 16);
  }
  return -1;
}
