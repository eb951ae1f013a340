/** What tests and benches hold the decoders to. The product does not load it. */
export { loadRequestTypes, toPlain } from './request-types.ts';
export { encodeRequest, randomRequests } from './random-requests.ts';
export { rowsOf } from './decoded-rows.ts';
export { disagreement, differenceBetween } from './disagreement.ts';
export { loadDecoderModule } from './decoder-module.ts';
export { isSpan, naiveMatches, naiveTime, valueText, type SearchItem } from './naive-search.ts';
export { searchLines, smallWorld, WORLD_MS } from './small-world.ts';
export { naiveAggregate, naiveValueCounts } from './naive-aggregate.ts';
export { aggregateQueries, comparable } from './random-aggregates.ts';
export { itemsOf } from './items-of.ts';
