import { countOf, LOGS, POINTS, SPANS } from './columns';
import { Cursor, skip } from './cursor';
import { resources, scopes } from './dictionary';
import { validateResource, validateScope } from './entries';
import { Fault } from './faults';
import { readLogRecord } from './logs';
import { readMetric } from './metrics';
import { addBytes, beginScratch, Scratch } from './scratch';
import { closeSegment, openSegment } from './segments';
import { readSpan } from './spans';
import { append, find } from './table';

// Places in `SIGNALS` of proto/columns.
const TRACES: u32 = 0;
const METRICS: u32 = 1;

/**
 * Walks `Export…ServiceRequest` → `Resource…` → `Scope…` → items; the three signals number these fields alike.
 * Fields may come in any order, so each level is walked twice: what it is about first, what it contains then.
 */
export function readRequest(signal: u32, end: usize): void {
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 10) readResourceItems(signal, Cursor.delimit(end));
    else skip(tag, end);
  }
}

function rowsOf(signal: u32): usize {
  if (signal == TRACES) return SPANS;
  return signal == METRICS ? POINTS : LOGS;
}

function readResourceItems(signal: u32, end: usize): void {
  const start = Cursor.pos;
  const resource = internResource(start, end);
  if (Fault.code != 0) return;
  let isOpen = false;
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag != 18) {
      skip(tag, end);
      continue;
    }
    if (!isOpen) {
      openSegment(resource, countOf(rowsOf(signal)));
      isOpen = true;
    }
    readScopeItems(signal, resource, Cursor.delimit(end));
    if (Fault.code != 0) return;
  }
  if (isOpen) closeSegment(countOf(rowsOf(signal)));
}

function readScopeItems(signal: u32, resource: u32, end: usize): void {
  const start = Cursor.pos;
  const scope = internScope(start, end);
  if (Fault.code != 0) return;
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag != 18) skip(tag, end);
    else if (signal == TRACES) readSpan(resource, scope, Cursor.delimit(end));
    else if (signal == METRICS) readMetric(resource, scope, Cursor.delimit(end));
    else readLogRecord(resource, scope, Cursor.delimit(end));
    if (Fault.code != 0) return;
  }
}

function internResource(start: usize, end: usize): u32 {
  collectOwner(end);
  if (Fault.code != 0) return 0;
  const code = find(resources(), Scratch.start, u32(Scratch.size));
  if (code >= 0) return code;
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 10) validateResource(Cursor.delimit(end));
    else skip(tag, end);
  }
  return append(resources(), Scratch.start, u32(Scratch.size));
}

function internScope(start: usize, end: usize): u32 {
  collectOwner(end);
  if (Fault.code != 0) return 0;
  const code = find(scopes(), Scratch.start, u32(Scratch.size));
  if (code >= 0) return code;
  Cursor.pos = start;
  while (Cursor.pos < end) {
    const tag = Cursor.tag(end);
    if (tag == 10) validateScope(Cursor.delimit(end));
    else skip(tag, end);
  }
  return append(scopes(), Scratch.start, u32(Scratch.size));
}

/** Fields 1 (resource or scope) and 3 (schema URL) of the message, as they came. */
function collectOwner(end: usize): void {
  beginScratch();
  while (Cursor.pos < end && Fault.code == 0) {
    const start = Cursor.pos;
    const tag = Cursor.tag(end);
    skip(tag, end);
    if ((tag == 10 || tag == 26) && Fault.code == 0) addBytes(start, Cursor.pos - start);
  }
}
