import { describe, expect, it } from 'vitest';
import { bodyOf, giveBack, GrpcMessages } from './grpc-messages.ts';

function framed(body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  return Buffer.concat([head, body]);
}

describe('GrpcMessages', () => {
  it('puts messages together however they are cut', () => {
    const bodies = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(300_000, 7), Buffer.from('last')];
    const wire = Buffer.concat(bodies.map(framed));
    for (const step of [1, 2, 3, 7, 4_096, 100_001, wire.length]) {
      const messages = new GrpcMessages(1_000_000);
      const found: Buffer[] = [];
      for (let at = 0; at < wire.length; at += step) {
        found.push(...messages.write(wire.subarray(at, at + step)));
      }
      expect(found.map((message) => bodyOf(message).equals(bodies[found.indexOf(message)] ?? wire))).toEqual([
        true,
        true,
        true,
        true,
      ]);
    }
  });

  it('refuses a message by its head alone', () => {
    const head = Buffer.from([0, 0, 0, 1, 1]);
    expect(() => new GrpcMessages(256).write(head)).toThrow('257 bytes');
    expect(new GrpcMessages(257).write(head)).toEqual([]);
  });

  it('uses memory again once it was given back, and not before', () => {
    const read = (fill: number): Buffer => {
      const [message] = new GrpcMessages(1_000_000).write(framed(Buffer.alloc(300_000, fill)));
      if (!message) throw new Error('no message');
      return bodyOf(message);
    };
    const first = read(1);
    const second = read(2);
    expect(second.buffer).not.toBe(first.buffer);
    giveBack(first);
    expect(read(3).buffer).toBe(first.buffer);
    expect(second.every((byte) => byte === 2)).toBe(true);
  });
});
