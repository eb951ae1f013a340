export { VALUE_TYPES } from './value-types.ts';
export { BatchEncoder, emptyColumns, type SegmentKey } from './batch-encoder.ts';
export { EntryIds, entryId, type EntryTable } from './entry-ids.ts';
export { EntryEncoder } from './entry-encoder.ts';
export { type NativeBlock, type NativeColumn, readNativeBlocks } from './native-reader.ts';
export { operationFiguresBlock, serviceFiguresBlock, type FiguresBlock } from './figures-block.ts';
