import { tableFromIPC, type Column, type Table } from '@uwdata/flechette';
import { TAIL_GAPS, type TailGap } from '../../proto/live/index.ts';

/** A binary message of the live socket, decoded. Columns are views of the message's bytes wherever Arrow allows it. */
export interface Frame {
  readonly topicKey: string;
  /** Unix ms at the server; grows from frame to frame of a topic. */
  readonly sequence: number;
  readonly mode: 'snapshot' | 'change';
  /** Tails: rows that matched but were left out since the last frame. */
  readonly dropped: number;
  /** The rest as in `FrameHead`. */
  readonly cursor: string | undefined;
  readonly subscription: number | undefined;
  readonly gap: TailGap | undefined;
  readonly rowCount: number;
  numbers(name: string): ArrayLike<number>;
  strings(name: string): ArrayLike<string>;
}

/** The bytes are not a frame. The message names what is wrong with them. */
export class FrameUnreadable extends Error {
  override readonly name = 'FrameUnreadable';
}

function readTable(bytes: ArrayBuffer): Table {
  try {
    return tableFromIPC(bytes);
  } catch (cause) {
    throw new FrameUnreadable('live frame is not an Arrow IPC stream', { cause });
  }
}

export function decodeFrame(bytes: ArrayBuffer): Frame {
  const table = readTable(bytes);
  const head = table.schema.metadata ?? new Map<string, string>();
  const topicKey = head.get('topicKey');
  const sequence = Number(head.get('sequence'));
  const mode = head.get('mode');
  const subscription = head.get('subscription');
  if (topicKey === undefined) throw new FrameUnreadable('live frame has no topicKey in its metadata');
  if (!Number.isFinite(sequence)) throw new FrameUnreadable('live frame has no numeric sequence');
  if (mode !== 'snapshot' && mode !== 'change') {
    throw new FrameUnreadable(`live frame has mode ${mode ?? 'absent'}, expected snapshot or change`);
  }
  const column = (name: string): Column<unknown> => {
    const found = table.children[table.names.indexOf(name)] as Column<unknown> | undefined;
    if (found === undefined) throw new FrameUnreadable(`live frame lacks the column ${name}`);
    return found;
  };
  return {
    topicKey,
    sequence,
    mode,
    dropped: Number(head.get('dropped') ?? 0) || 0,
    cursor: head.get('cursor'),
    subscription: subscription === undefined ? undefined : Number(subscription),
    gap: TAIL_GAPS.find((gap) => gap === head.get('gap')),
    rowCount: table.numRows,
    numbers: (name) => column(name).toArray() as ArrayLike<number>,
    strings: (name) => column(name).toArray() as ArrayLike<string>,
  };
}
