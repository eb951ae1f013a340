import assert from 'node:assert/strict';
import { constants, deflateRawSync, gzipSync } from 'node:zlib';
import { lz4Bomb, snappyBomb, zstdBomb } from '../../../runtime/receivers/otlp/fixtures/index.ts';
import { everyLane, defineCheck, type Check } from '../check.ts';
import { encode, requestOf } from '../samples.ts';

const LIMIT_BYTES = 64 * 2 ** 20;
const BOMB_BYTES = 10_000_000;
const PART_BYTES = 10 * 2 ** 20;
const PARTS = 1_000;

interface Bomb {
  readonly name: string;
  readonly compression: string;
  readonly becomes: string;
  readonly make: () => Buffer;
}

/** Each a body of about 10 MB; Snappy and LZ4 give at most 21 and 255 bytes for one. */
const BOMBS: readonly Bomb[] = [
  {
    name: 'gzip',
    compression: 'gzip',
    becomes: '10 GB',
    make: () => repeated(gzipSync(Buffer.alloc(PART_BYTES))),
  },
  {
    name: 'zlib',
    compression: 'deflate',
    becomes: '10 GB',
    make: () => Buffer.concat([Buffer.from([0x78, 0x9c]), repeated(unfinishedDeflate())]),
  },
  {
    name: 'raw deflate',
    compression: 'deflate',
    becomes: '10 GB',
    make: () => repeated(unfinishedDeflate()),
  },
  { name: 'zstd', compression: 'zstd', becomes: '10 GB', make: zstdOfTenMegabytes },
  { name: 'Snappy', compression: 'snappy', becomes: '210 MB', make: () => snappyBomb(BOMB_BYTES / 3) },
  { name: 'LZ4', compression: 'lz4', becomes: '2.5 GB', make: () => lz4Bomb(BOMB_BYTES / 16_459) },
];

/** Row R2, where it is hard: each bomb is stopped at the limit, and nothing is kept of it. */
export const BOMB_CHECKS: readonly Check[] = BOMBS.map(({ name, compression, becomes, make }) =>
  defineCheck({
    id: 'R2',
    level: 'MUST',
    title: `stops ${name} of 10 MB that would become ${becomes} at the limit, never holding more`,
    appliesTo: everyLane,
    rig: { maxRequestBytes: LIMIT_BYTES, maxInFlightBytes: 3 * LIMIT_BYTES },
    async run({ lane, rig, client }) {
      const bomb = make();
      assert.ok(bomb.length > 0.9 * BOMB_BYTES && bomb.length < 1.3 * BOMB_BYTES, `${bomb.length} bytes`);
      globalThis.gc?.();
      const memory = watchMemory();
      const answer = await client.send('traces', bomb, { compression });
      const grown = memory.stop();
      assert.equal(answer.verdict, 'too-large');
      assert.match(answer.status.message, /OPHION_OTLP_MAX_REQUEST_BYTES/);
      // The inflated part, and the compressed bytes as they wait in sockets and in the receiver.
      const most = LIMIT_BYTES + 4 * bomb.length;
      assert.ok(grown.arrayBuffers < most, `${grown.arrayBuffers} bytes of buffers`);
      assert.ok(grown.rss < most + 32 * 2 ** 20, `${grown.rss} bytes resident`);
      assert.equal(rig.requests(), 0);
      const next = await client.send('traces', encode(lane, 'traces', requestOf('traces', 1)));
      assert.equal(next.verdict, 'success');
    },
  }),
);

function repeated(part: Buffer): Buffer {
  return Buffer.concat(Array.from({ length: PARTS }, () => part));
}

/** Ends between two blocks, so that another one may follow. */
function unfinishedDeflate(): Buffer {
  return deflateRawSync(Buffer.alloc(PART_BYTES), { finishFlush: constants.Z_FULL_FLUSH });
}

/** 10 GB take 320 KB; the rest of the 10 MB is a frame that decoders skip. */
function zstdOfTenMegabytes(): Buffer {
  const bomb = zstdBomb(80_000);
  const skipped = Buffer.alloc(BOMB_BYTES - bomb.length);
  skipped.writeUInt32LE(0x184d2a50, 0);
  skipped.writeUInt32LE(skipped.length - 8, 4);
  return Buffer.concat([skipped, bomb]);
}

/** The most that was held at a time since the call, over what was held then. */
function watchMemory(): { stop(): { readonly arrayBuffers: number; readonly rss: number } } {
  const before = process.memoryUsage();
  let arrayBuffers = 0;
  let rss = 0;
  const look = (): void => {
    const now = process.memoryUsage();
    arrayBuffers = Math.max(arrayBuffers, now.arrayBuffers - before.arrayBuffers);
    rss = Math.max(rss, now.rss - before.rss);
  };
  const timer = setInterval(look, 2);
  return {
    stop() {
      look();
      clearInterval(timer);
      return { arrayBuffers, rss };
    },
  };
}
