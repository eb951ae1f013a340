import { createHash } from 'node:crypto';
import type { HttpResponse } from '../http/index.ts';
import {
  needText,
  type JsonSchema,
  type OpenApiDocument,
  type OpenApiOperation,
  type OpenApiParameter,
} from './openapi.ts';

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
h2 { border-bottom: 1px solid; margin-top: 3rem; text-transform: capitalize; }
h3, code, pre { font-family: ui-monospace, monospace; }
h3 { margin: 2rem 0 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentcolor 25%, transparent); padding: .25rem .75rem .25rem 0; text-align: start; vertical-align: top; }
pre { overflow: auto; padding: .75rem; background: color-mix(in srgb, currentcolor 8%, transparent); }
`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** The API's reference as one page without any script. */
export function referencePage(document: OpenApiDocument): HttpResponse {
  return {
    status: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    },
    body: pageOf(document),
  };
}

function pageOf({ info, paths, components }: OpenApiDocument): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  const tags = [...new Set(operations.flatMap(({ operation }) => operation.tags))];
  const sections = tags.map((tag) => {
    const ofTag = operations.filter(({ operation }) => operation.tags.includes(tag));
    return `<h2 id="${text(tag)}">${text(tag)}</h2>${ofTag.map(operationHtml).join('')}`;
  });
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `<h3 id="schema-${text(name)}">${text(name)}</h3>${schemaHtml(schema)}`,
  );
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(info.title)} API</title><style>${STYLE}</style></head>
<body><main>
<h1>${text(info.title)} API ${text(info.version)}</h1>
<p>${text(info.description)}</p>
<p><a href="/api/openapi.json">OpenAPI 3.1</a> · ${tags.map((tag) => `<a href="#${text(tag)}">${text(tag)}</a>`).join(' · ')} · <a href="#schemas">schemas</a></p>
${sections.join('\n')}
<h2 id="schemas">schemas</h2>
${schemas.join('\n')}
</main></body></html>`;
}

function operationHtml({
  path,
  method,
  operation,
}: {
  readonly path: string;
  readonly method: string;
  readonly operation: OpenApiOperation;
}): string {
  const { summary, description, parameters, requestBody } = operation;
  const body = requestBody?.content['application/json'] as { readonly schema: JsonSchema } | undefined;
  return `<section><h3 id="${text(operation.operationId)}">${method.toUpperCase()} ${text(path)}</h3>
<p>${text(summary)}.${description === undefined ? '' : ` ${text(description)}`}</p>
<p>Needs: ${text(needText(operation['x-ophion-needs']))}.</p>
${parameters.length === 0 ? '' : parametersHtml(parameters)}
${body === undefined ? '' : `<p>Body:</p>${schemaHtml(body.schema)}`}
<table><thead><tr><th>status</th><th>answer</th></tr></thead><tbody>${responsesHtml(operation)}</tbody></table>
</section>`;
}

function parametersHtml(parameters: readonly OpenApiParameter[]): string {
  const rows = parameters.map(({ name, required, description = '', schema }) => {
    const usual = schema['default'] === undefined ? '' : ` Default ${JSON.stringify(schema['default'])}.`;
    return `<tr><td><code>${text(name)}</code>${required ? ' (required)' : ''}</td><td>${text(typeText(schema))}</td><td>${text(description + usual)}</td></tr>`;
  });
  return `<table><thead><tr><th>parameter</th><th>type</th><th></th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function typeText(schema: JsonSchema): string {
  if (Array.isArray(schema['enum'])) return schema['enum'].map((value) => JSON.stringify(value)).join(' | ');
  const [least, most] = [schema['minimum'], schema['maximum']];
  const bounds = [
    ...(typeof least === 'number' ? [`≥ ${least}`] : []),
    ...(typeof most === 'number' && most < Number.MAX_SAFE_INTEGER ? [`≤ ${most}`] : []),
  ];
  return [typeof schema['type'] === 'string' ? schema['type'] : 'any', ...bounds].join(' ');
}

function responsesHtml({ responses }: OpenApiOperation): string {
  return Object.entries(
    responses as Record<string, { description: string; content: Record<string, { schema?: JsonSchema }> }>,
  )
    .map(([status, { description, content }]) => {
      const forms = Object.entries(content).map(
        ([type, { schema }]) => `<code>${text(type)}</code>${schema ? ` ${refHtml(schema)}` : ''}`,
      );
      return `<tr><td>${text(status)}</td><td>${text(description)}<br>${forms.join(', ')}</td></tr>`;
    })
    .join('');
}

function refHtml({ $ref }: JsonSchema): string {
  const name = typeof $ref === 'string' ? ($ref.split('/').at(-1) ?? '') : '';
  return `<a href="#schema-${text(name)}">${text(name)}</a>`;
}

function schemaHtml(schema: JsonSchema): string {
  const shown = text(JSON.stringify(schema, undefined, 2));
  return `<pre>${shown.replace(/&quot;#\/components\/schemas\/(\w+)&quot;/g, '<a href="#schema-$1">$1</a>')}</pre>`;
}

function text(value: string): string {
  return value
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
