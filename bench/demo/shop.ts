import { ROOT_CONTEXT, SpanKind, type Attributes, type Context, type SpanContext } from '@opentelemetry/api';
import type { FaultName } from './faults.ts';
import { ShopError, ShopService, type Work } from './shop-service.ts';
import { spread, type ShopWorld } from './world.ts';

const VERSION = '2.4.1';
const SERVICES = [
  'gateway',
  'users',
  'catalog',
  'search',
  'recommendations',
  'cart',
  'checkout',
  'inventory',
  'payment',
  'orders',
  'shipping',
  'email',
] as const;
type ServiceName = (typeof SERVICES)[number];

interface QueuedOrder {
  readonly id: number;
  readonly producer: SpanContext;
}

const LEAK_BYTES_A_SECOND = 2_000_000;
const LEAK_LIMIT_BYTES = 512_000_000;
const CART_USUAL_BYTES = 90_000_000;

/** Twelve services that call each other as those of a shop do, with Postgres, Redis, Kafka and two third parties. */
export class Shop {
  private readonly services: Readonly<Record<ServiceName, ShopService>>;
  private readonly world: ShopWorld;
  private readonly faults: ReadonlySet<FaultName>;
  private readonly queue: QueuedOrder[] = [];
  private readonly stopTimers: (() => void)[] = [];
  private orderCount = 0;
  private leakedBytes = 0;
  private stopped = false;

  /** `faults` may change while the shop is open. */
  constructor(world: ShopWorld, faults: ReadonlySet<FaultName>) {
    this.world = world;
    this.faults = faults;
    const entries = SERVICES.map((name) => [name, new ShopService(name, VERSION, world)]);
    this.services = Object.fromEntries(entries) as Readonly<Record<ServiceName, ShopService>>;
    this.observe();
    for (let worker = 0; worker < 4; worker += 1) void this.consume();
    this.stopTimers.push(
      world.every(1_000, () => {
        this.leak();
      }),
      world.every(100, () => {
        this.flood();
      }),
    );
  }

  /** One visitor's request. Resolves when it is answered, failed or not. */
  async visit(): Promise<void> {
    const dice = this.world.random();
    const request =
      dice < 0.4
        ? this.browse()
        : dice < 0.6
          ? this.search()
          : dice < 0.85
            ? this.addToCart()
            : this.checkout();
    await request.catch((error: unknown) => {
      if (!(error instanceof ShopError)) throw error;
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const stopTimer of this.stopTimers) stopTimer();
    await Promise.all(Object.values(this.services).map((service) => service.stop()));
  }

  // --- what visitors ask for

  private browse(): Promise<void> {
    const { gateway, catalog, recommendations } = this.services;
    return gateway.serve('GET', '/products/:id', ROOT_CONTEXT, async ({ context }) => {
      await Promise.all([
        this.call('gateway', 'catalog', 'GET', '/items/:id', context, async (inside) => {
          const isCached = this.world.random() < 0.8;
          await this.redis('catalog', 'GET', inside);
          if (!isCached) {
            await this.postgres('catalog', 'SELECT name, price FROM items WHERE id = $1', inside, 6);
          }
          if (!isCached) catalog.log('debug', 'cache miss for an item', inside);
        }),
        this.call('gateway', 'recommendations', 'GET', '/similar/:id', context, async (inside) => {
          await this.takeTime(18);
          if (this.world.random() < 0.01) {
            recommendations.log('warn', 'model is stale, serving the popular list', inside);
          }
        }),
      ]);
    });
  }

  private search(): Promise<void> {
    return this.services.gateway.serve('GET', '/search', ROOT_CONTEXT, async ({ context }) => {
      await this.call('gateway', 'search', 'GET', '/query', context, async (inside) => {
        await this.takeTime(25);
        await this.postgres(
          'search',
          'SELECT id FROM items WHERE words @@ to_tsquery($1) LIMIT 20',
          inside,
          22,
        );
        this.services.search.log('info', `found ${Math.floor(this.world.random() * 20)} items`, inside);
      });
    });
  }

  private addToCart(): Promise<void> {
    return this.services.gateway.serve('POST', '/cart', ROOT_CONTEXT, async ({ context }) => {
      await this.call('gateway', 'users', 'GET', '/session', context, (inside) =>
        this.redis('users', 'GET', inside),
      );
      await this.call('gateway', 'cart', 'POST', '/lines', context, async (inside) => {
        await this.redis('cart', 'HSET', inside);
        await this.call('cart', 'inventory', 'GET', '/stock/:id', inside, (deeper) => this.stock(deeper));
      });
    });
  }

  private checkout(): Promise<void> {
    return this.services.gateway.serve('POST', '/checkout', ROOT_CONTEXT, async ({ context }) => {
      await this.call('gateway', 'users', 'GET', '/session', context, (inside) =>
        this.redis('users', 'GET', inside),
      );
      await this.call('gateway', 'checkout', 'POST', '/orders', context, async (inside) => {
        await this.call('checkout', 'cart', 'GET', '/lines', inside, (deeper) =>
          this.redis('cart', 'HGETALL', deeper),
        );
        await this.call('checkout', 'inventory', 'POST', '/reservations', inside, (deeper) =>
          this.stock(deeper),
        );
        await this.call('checkout', 'payment', 'POST', '/charges', inside, (deeper) => this.charge(deeper));
        await this.publishOrder(inside);
      });
    });
  }

  // --- what services do

  private async stock(context: Context): Promise<void> {
    await this.postgres('inventory', 'SELECT quantity FROM stock WHERE item_id = $1 FOR UPDATE', context, 5);
    if (this.faults.has('error-burst') && this.world.random() < 0.5) {
      throw new ShopError('deadlock detected on table stock');
    }
  }

  private async charge(context: Context): Promise<void> {
    const attributes = { 'server.address': 'api.bank.example', 'http.request.method': 'POST' };
    const isSlow = this.faults.has('payment-latency');
    await this.client('payment', 'POST /v2/charges', attributes, context, async () => {
      await this.takeTime(isSlow ? 1_800 : 80);
      // The third party that everybody knows: one in a hundred fails, whatever one does.
      if (this.world.random() < 0.01) throw new ShopError('the bank answered 502');
    });
    await this.postgres('payment', 'INSERT INTO charges (order_id, amount) VALUES ($1, $2)', context, 4);
    this.services.payment.log('info', 'charged a card', context);
  }

  private async publishOrder(context: Context): Promise<void> {
    this.orderCount += 1;
    const id = this.orderCount;
    const attributes = messaging('send');
    await this.services.checkout.span(
      { name: 'send orders', kind: SpanKind.PRODUCER, parent: context, attributes },
      async ({ span }) => {
        await this.takeTime(3);
        this.queue.push({ id, producer: span.spanContext() });
      },
    );
    this.services.checkout.log('info', `order ${id} accepted`, context);
  }

  /** Consumers start traces of their own and link to the producer, as the conventions for messaging ask. */
  private async consume(): Promise<void> {
    while (!this.stopped) {
      const order = this.queue.shift();
      if (!order) {
        await this.world.pause(50);
        continue;
      }
      const links = [{ context: order.producer }];
      await this.services.orders
        .span(
          {
            name: 'process orders',
            kind: SpanKind.CONSUMER,
            parent: ROOT_CONTEXT,
            attributes: messaging('process'),
            links,
          },
          async ({ context }) => {
            await this.postgres('orders', 'INSERT INTO orders (id, state) VALUES ($1, $2)', context, 7);
            await this.call('orders', 'shipping', 'POST', '/labels', context, () => this.takeTime(40));
            await this.call('orders', 'email', 'POST', '/confirmations', context, (inside) =>
              this.mail(inside),
            );
          },
        )
        .catch((error: unknown) => {
          if (!(error instanceof ShopError)) throw error;
          this.services.orders.log('error', `order ${order.id} could not be confirmed: ${error.message}`);
        });
    }
  }

  private async mail(context: Context): Promise<void> {
    const attributes = { 'server.address': 'smtp.mail.example', 'server.port': 465 };
    await this.client('email', 'SMTP send', attributes, context, async ({ span }) => {
      if (this.faults.has('dependency-down')) {
        await this.takeTime(4);
        throw new ShopError('connect ECONNREFUSED smtp.mail.example:465');
      }
      await this.takeTime(60);
      if (this.world.random() < 0.03) {
        span.addEvent('retry', { attempt: 2 });
        await this.takeTime(120);
      }
    });
  }

  // --- how they reach each other

  private takeTime(usualMs: number): Promise<void> {
    return this.world.pause(spread(usualMs, this.world.random));
  }

  private call<Result>(
    from: ServiceName,
    to: ServiceName,
    method: string,
    route: string,
    context: Context,
    work: (context: Context) => Promise<Result>,
  ): Promise<Result> {
    const attributes = { 'http.request.method': method, 'server.address': to, 'server.port': 8080 };
    return this.client(from, `${method} ${to}`, attributes, context, async (outer) => {
      await this.takeTime(1);
      return this.services[to].serve(method, route, outer.context, async (inner) => {
        await this.takeTime(2);
        return work(inner.context);
      });
    });
  }

  private client<Result>(
    service: ServiceName,
    name: string,
    attributes: Attributes,
    parent: Context,
    work: (work: Work) => Promise<Result>,
  ): Promise<Result> {
    return this.services[service].span({ name, kind: SpanKind.CLIENT, parent, attributes }, work);
  }

  private async postgres(
    service: ServiceName,
    statement: string,
    context: Context,
    ms: number,
  ): Promise<void> {
    const operation = statement.split(' ', 1)[0] ?? '';
    const attributes = {
      'db.system.name': 'postgresql',
      'db.namespace': 'shop',
      'db.operation.name': operation,
      'db.query.text': statement,
      'server.address': 'postgres',
    };
    await this.client(service, `${operation} shop`, attributes, context, () => this.takeTime(ms));
  }

  private async redis(service: ServiceName, command: string, context: Context): Promise<void> {
    const attributes = { 'db.system.name': 'redis', 'db.operation.name': command, 'server.address': 'redis' };
    await this.client(service, command, attributes, context, () => this.takeTime(0.8));
  }

  // --- what happens without visitors

  private observe(): void {
    const { cart, orders } = this.services;
    cart.meter
      .createObservableGauge('process.memory.usage', { unit: 'By', description: 'Resident memory' })
      .addCallback((result) => {
        result.observe(CART_USUAL_BYTES + this.leakedBytes);
      });
    orders.meter
      .createObservableGauge('messaging.queue.length', { unit: '{message}', description: 'Orders that wait' })
      .addCallback((result) => {
        result.observe(this.queue.length, { 'messaging.destination.name': 'orders' });
      });
  }

  private leak(): void {
    if (!this.faults.has('memory-leak')) return;
    this.leakedBytes += LEAK_BYTES_A_SECOND;
    if (this.leakedBytes < LEAK_LIMIT_BYTES) return;
    this.leakedBytes = 0;
    this.services.cart.log('error', 'Out of memory: killed process 1 (cart)');
  }

  private flood(): void {
    if (!this.faults.has('log-flood')) return;
    for (let line = 0; line < 20; line += 1) {
      this.services.search.log(
        'debug',
        `token ${Math.floor(this.world.random() * 1e6)} scored ${this.world.random().toFixed(4)}`,
      );
    }
  }
}

function messaging(operation: 'send' | 'process'): Attributes {
  return {
    'messaging.system': 'kafka',
    'messaging.destination.name': 'orders',
    'messaging.operation.type': operation,
  };
}
