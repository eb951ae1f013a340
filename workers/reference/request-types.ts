/**
 * protobufjs over our .proto files: the slow and trusted way to read and write OTLP. Tests hold the decoder to it,
 * benches measure against it; the product does not load it.
 */
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';
import { EXPORT_MESSAGES, PROTO_FILES } from '../../proto/otlp/index.ts';
import { SIGNALS, type Signal } from '../../proto/columns/index.ts';

/**
 * The request messages of the three signals. Each call parses the .proto files again. Without `stringIndexes` the
 * fields that mean something in profiles only are unknown ones, which is how receivers of these signals read them.
 */
export async function loadRequestTypes({ stringIndexes = true } = {}): Promise<{
  readonly [S in Signal]: protobuf.Type;
}> {
  const root = await new protobuf.Root().load(Object.values(PROTO_FILES).map((url) => fileURLToPath(url)));
  if (!stringIndexes) {
    removeField(root.lookupType('opentelemetry.proto.common.v1.AnyValue'), 'stringValueStrindex');
    removeField(root.lookupType('opentelemetry.proto.common.v1.KeyValue'), 'keyStrindex');
  }
  root.resolveAll();
  return Object.fromEntries(
    SIGNALS.map((signal) => [signal, root.lookupType(EXPORT_MESSAGES[signal].request)]),
  ) as { readonly [S in Signal]: protobuf.Type };
}

function removeField(type: protobuf.Type, name: string): void {
  const field = type.fields[name];
  if (!field) throw new Error(`${type.fullName} has no field ${name}`);
  type.remove(field);
}

/**
 * A decoded message as plain data: 64-bit numbers as bigints, lists always there, of a oneof the member that was
 * sent last, messages and `optional` fields only where they were sent.
 */
export function toPlain(type: protobuf.Type, message: unknown): Record<string, unknown> {
  const source = message as Record<string, unknown>;
  const plain: Record<string, unknown> = {};
  for (const field of type.fieldsArray) {
    const value = source[field.name];
    if (field.repeated) {
      const items = Array.isArray(value) ? (value as unknown[]) : [];
      plain[field.name] = items.map((item) => plainValue(field, item));
    } else if (isPresent(field, source)) {
      plain[field.name] = plainValue(field, value);
    }
  }
  return plain;
}

function isPresent(field: protobuf.Field, source: Record<string, unknown>): boolean {
  const isOwn = Object.hasOwn(source, field.name);
  if (field.partOf?.isProto3Optional === false) return isOwn && source[field.partOf.name] === field.name;
  if (field.resolvedType instanceof protobuf.Type) return isOwn && source[field.name] != null;
  return isOwn || !field.hasPresence;
}

const LONG_TYPES = new Set(['int64', 'uint64', 'sint64', 'fixed64', 'sfixed64']);

function plainValue(field: protobuf.Field, value: unknown): unknown {
  if (field.resolvedType instanceof protobuf.Type) return toPlain(field.resolvedType, value);
  if (LONG_TYPES.has(field.type)) return BigInt(String(value));
  if (field.type === 'bytes') return Uint8Array.from(value as Iterable<number>);
  return value;
}
