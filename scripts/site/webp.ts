/**
 * Joins still WebP pictures into one that moves (the WebP container: https://developers.google.com/speed/webp/docs/riff_container).
 * Every picture is a whole frame of the same size, so no frame depends on the one before.
 */

export interface Frame {
  /** A still picture as Chromium writes it: lossy or without loss, without transparency. */
  readonly webp: Buffer;
  readonly milliseconds: number;
}

const ANIMATED = 0x02;
/** A frame replaces what was there, instead of lying over it. */
const REPLACES = 0x02;

export function movingWebp(
  frames: readonly Frame[],
  { width, height }: { readonly width: number; readonly height: number },
): Buffer {
  const canvas = Buffer.alloc(10);
  canvas[0] = ANIMATED;
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  // background and loops: none, and for ever
  const animation = Buffer.alloc(6);
  const moving = frames.map(({ webp, milliseconds }) => {
    const head = Buffer.alloc(16);
    head.writeUIntLE(width - 1, 6, 3);
    head.writeUIntLE(height - 1, 9, 3);
    head.writeUIntLE(milliseconds, 12, 3);
    head[15] = REPLACES;
    return chunk('ANMF', Buffer.concat([head, picture(webp)]));
  });
  const body = Buffer.concat([
    Buffer.from('WEBP', 'latin1'),
    chunk('VP8X', canvas),
    chunk('ANIM', animation),
    ...moving,
  ]);
  return chunk('RIFF', body);
}

/** The part of a still file that holds its pixels. */
function picture(webp: Buffer): Buffer {
  for (let at = 12; at < webp.length; ) {
    const size = webp.readUInt32LE(at + 4);
    const end = at + 8 + size + (size % 2);
    if (/^VP8[ L]$/.test(webp.toString('latin1', at, at + 4))) return webp.subarray(at, end);
    at = end;
  }
  throw new Error('The still picture is no WebP file with pixels.');
}

function chunk(name: string, data: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(data.length, 4);
  return Buffer.concat([head, data, Buffer.alloc(data.length % 2)]);
}
