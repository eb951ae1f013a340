import type { ClickHouseSettings } from '@clickhouse/client';

/** One block, however much comes: a repeated insert is recognised by its token and the number of the block. */
export const ONE_BLOCK = {
  min_insert_block_size_rows: '1000000000',
  min_insert_block_size_bytes: '1000000000000',
  max_insert_threads: '1',
} as const satisfies ClickHouseSettings;
