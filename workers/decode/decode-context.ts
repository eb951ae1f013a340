// Hot: once an attribute and a string. Bench: bench/decode.
import type { RejectionReason } from '../../proto/columns/index.ts';
import { DictionaryGeneration, type ListBuilder, type WordBuilder } from '../columns/index.ts';
import { WireReader } from '../wire/index.ts';
import { validateKeyValue } from './validate-entries.ts';

type AttributeLists = ListBuilder<WordBuilder>;

/** How many positions of an attribute list remember the code they held last. */
const REMEMBERED = 64;

/** The codes that one place in the messages held last: senders repeat themselves, so they are tried first. */
export class AttributeSite {
  readonly codes = new Int32Array(REMEMBERED).fill(-1);
}

export class StringSite {
  code = -1;
}

const ATTRIBUTE_SITES = ['span', 'event', 'link', 'log', 'point', 'exemplar'] as const;
const STRING_SITES = [
  'spanName',
  'spanTraceState',
  'statusMessage',
  'eventName',
  'linkTraceState',
  'severityText',
  'logEventName',
] as const;

type Sites<Names extends readonly string[], Site> = { readonly [Name in Names[number]]: Site };

/** What the readers of all messages share: the cursor, the dictionary in use and what was counted in this request. */
export class DecodeContext {
  readonly reader = new WireReader();
  dictionary = new DictionaryGeneration();
  accepted = 0;
  rejected = 0;
  rejections = new Map<RejectionReason, number>();
  attributeSites = makeSites(ATTRIBUTE_SITES, AttributeSite);
  stringSites = makeSites(STRING_SITES, StringSite);

  /** Codes of the old generation mean nothing in the new one, so nothing remembered survives. */
  beginGeneration(): void {
    this.dictionary = new DictionaryGeneration();
    this.attributeSites = makeSites(ATTRIBUTE_SITES, AttributeSite);
    this.stringSites = makeSites(STRING_SITES, StringSite);
  }

  beginRequest(bytes: Uint8Array): void {
    this.reader.reset(bytes);
    this.accepted = 0;
    this.rejected = 0;
    this.rejections = new Map();
  }

  reject(reason: RejectionReason): void {
    this.rejected++;
    this.rejections.set(reason, (this.rejections.get(reason) ?? 0) + 1);
  }

  /** Reads a string field and returns its code. */
  string(site: StringSite, end: number): number {
    const reader = this.reader;
    const stop = reader.delimit(end);
    const start = reader.pos;
    reader.pos = stop;
    if (start === stop) return 0;
    const code = this.dictionary.strings.intern(reader, start, stop, site.code);
    site.code = code;
    return code;
  }

  /** Reads a `KeyValue` field as the next item of a row's list. Only bytes not seen before are looked into. */
  attribute(site: AttributeSite, lists: AttributeLists, row: number, end: number): void {
    const reader = this.reader;
    const stop = reader.delimit(end);
    const start = reader.pos;
    const table = this.dictionary.attributes;
    const item = lists.push(row);
    const position = lists.lengthOf(row) - 1;
    const isRemembered = position < REMEMBERED;
    let code = table.find(reader, start, stop, isRemembered ? (site.codes[position] ?? -1) : -1);
    if (code < 0) {
      validateKeyValue(reader, stop, 1);
      code = table.append(reader, start, stop);
    }
    if (isRemembered) site.codes[position] = code;
    lists.items.set(item, code);
    reader.pos = stop;
  }
}

/** Codes that all rows of one scope share. */
export interface RowOrigin {
  resource: number;
  scope: number;
}

function makeSites<const Names extends readonly string[], Site>(
  names: Names,
  SiteType: new () => Site,
): Sites<Names, Site> {
  return Object.fromEntries(names.map((name) => [name, new SiteType()])) as Sites<Names, Site>;
}
