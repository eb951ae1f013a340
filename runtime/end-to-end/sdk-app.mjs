// A small HTTP + Postgres application, instrumented from outside by @opentelemetry/auto-instrumentations-node.
// Environment: DATABASE_URL. Runs its own traffic once, prints "done", and ends with SIGTERM.
import { createServer } from 'node:http';
import process from 'node:process';
import { metrics, trace } from '@opentelemetry/api';
import { logs } from '@opentelemetry/api-logs';
import pg from 'pg';

const meter = metrics.getMeter('sdk-app', '1.2.3');
const orders = meter.createCounter('orders', { unit: '{order}', description: 'Orders taken' });
const queue = meter.createUpDownCounter('queue.length', { unit: '{item}' });
const weight = meter.createHistogram('parcel.weight', { unit: 'kg' });
meter.createObservableGauge('room.temperature', { unit: 'Cel' }).addCallback((result) => {
  result.observe(21.5, { room: 'küche' });
});
const logger = logs.getLogger('sdk-app', '1.2.3');
const tracer = trace.getTracer('sdk-app', '1.2.3');

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL });
const server = createServer((request, response) => {
  void answer(request.url ?? '/').then((status) => {
    response.writeHead(status).end();
  });
});

async function answer(path) {
  const { rows } = await pool.query('SELECT $1::int8 AS big', ['9007199254740993']);
  await tracer.startActiveSpan('price the basket', async (span) => {
    span.setAttributes({
      'basket.items': 3,
      'basket.total': 17.25,
      'basket.gift': true,
      tags: ['a', 'b'],
      big: rows[0].big,
    });
    span.addEvent('discount applied', { percent: 10 });
    span.addLink({
      context: { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 },
    });
    if (path === '/fail') {
      span.recordException(new Error('no stock'));
      span.setStatus({ code: 2, message: 'no stock' });
    }
    logger.emit({
      severityNumber: path === '/fail' ? 17 : 9,
      severityText: path === '/fail' ? 'ERROR' : 'INFO',
      body: path === '/fail' ? { reason: 'no stock', parts: [1, 2.5, true] } : `priced ${path}`,
      attributes: { path, nested: { deep: ['x', 1] } },
    });
    span.end();
  });
  orders.add(1, { path });
  queue.add(path === '/fail' ? -1 : 2);
  weight.record(path.length / 3, { path });
  return path === '/fail' ? 500 : 200;
}

await new Promise((resolve) => {
  server.listen(0, '127.0.0.1', resolve);
});
const { port } = server.address();
for (const path of ['/basket', '/checkout', '/fail']) {
  await (await fetch(`http://127.0.0.1:${port}${path}`)).arrayBuffer();
}
server.close();
await pool.end();
process.stdout.write('done\n');
