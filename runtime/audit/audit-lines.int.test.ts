import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CONTROL_ENGINES, type ControlEngine } from '../storage/postgres/control-engines-fixture.ts';
import { AuditLines, AuditLog, type AuditEvent } from './index.ts';

const EVENT: AuditEvent = {
  actor: 'user:ada',
  action: 'settings.change',
  target: 'settings:1',
  outcome: 'done',
  address: '192.0.2.1',
  detail: { after: { notice: 'Be kind' } },
};

describe.each(CONTROL_ENGINES)('what is put on record, as lines, control database %s', (_name, start) => {
  let engine: ControlEngine;
  beforeAll(async () => {
    engine = await start();
  });
  afterAll(() => engine.end());

  it('is told once, in order, and only what was committed', async () => {
    const audit = new AuditLog(engine.database);
    await audit.append({ ...EVENT, target: 'before the start' });
    const told: Readonly<Record<string, unknown>>[] = [];
    const lines = await AuditLines.open({ audit, write: (entry) => told.push(entry) });
    await lines.tell();
    expect(told).toEqual([]);
    const failed = engine.database.transaction(async (query) => {
      await audit.append({ ...EVENT, target: 'never happened' }, query);
      throw new Error('not this time');
    });
    await expect(failed).rejects.toThrow('not this time');
    await audit.append(EVENT);
    await audit.append({ ...EVENT, outcome: 'refused' });
    await Promise.all([lines.tell(), lines.tell()]);
    await lines.tell();
    expect(told).toMatchObject([
      { ...EVENT, sequence: 2 },
      { ...EVENT, outcome: 'refused', sequence: 3 },
    ]);
    const [newest] = await audit.list({}, 1);
    expect(told[1]).toMatchObject({
      at: newest?.at.toISOString(),
      hash: Buffer.from(newest?.hash ?? []).toString('hex'),
    });
  });
});
