import { KEY_HEADER } from '../../../proto/access/index.ts';

/** Where applications send to. `host` as in a URL: an IPv6 address in brackets. */
export interface Target {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
  readonly tls: boolean;
  /** Nothing is taken without an API key. */
  readonly needsKey: boolean;
}

export interface Step {
  readonly what: string;
  readonly code: string;
}

export interface Recipe {
  readonly id: string;
  readonly label: string;
  readonly steps: readonly Step[];
}

/** Stands where a key belongs, and is none. */
export const SOME_KEY = 'YOUR_API_KEY';

/** Whether a page at this name shows what an application on the same machine may do. */
export function isLoopback(host: string): boolean {
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
  );
}

export const httpEndpoint = ({ host, httpPort, tls }: Target): string =>
  `${tls ? 'https' : 'http'}://${host}:${httpPort}`;

function settings(target: Target, more: readonly string[] = []): string {
  return [
    'export OTEL_SERVICE_NAME=my-service',
    'export OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=development',
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${httpEndpoint(target)}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    'export OTEL_TRACES_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp',
    ...(target.needsKey ? [`export OTEL_EXPORTER_OTLP_HEADERS=${KEY_HEADER}=${SOME_KEY}`] : []),
    ...more,
  ].join('\n');
}

const DOWNLOADS = 'https://github.com/open-telemetry';

/** One span by hand. `traceId` 32 and `spanId` 16 hexadecimal digits; the times are filled in by the shell. */
export function curlSpan(target: Target, traceId: string, spanId: string): string {
  const span =
    `{"traceId":"${traceId}","spanId":"${spanId}","name":"hello","kind":2,` +
    `"startTimeUnixNano":"'$(date +%s)'000000000","endTimeUnixNano":"'$(date +%s)'042000000"}`;
  const key = target.needsKey ? ` -H '${KEY_HEADER}: ${SOME_KEY}'` : '';
  const resource = '{"attributes":[{"key":"service.name","value":{"stringValue":"hello"}}]}';
  return [
    `curl ${httpEndpoint(target)}/v1/traces -H 'content-type: application/json'${key} -d \\`,
    `'{"resourceSpans":[{"resource":${resource},"scopeSpans":[{"spans":[${span}]}]}]}'`,
  ].join('\n');
}

export function recipesFor(target: Target): readonly Recipe[] {
  return [
    {
      id: 'node',
      label: 'Node.js',
      steps: [
        {
          what: 'Add the SDK and its automatic instrumentation',
          code: 'npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node',
        },
        { what: 'Say who you are and where to send to', code: settings(target) },
        {
          what: 'Start the application with it',
          code: 'node --require @opentelemetry/auto-instrumentations-node/register app.js',
        },
      ],
    },
    {
      id: 'python',
      label: 'Python',
      steps: [
        {
          what: 'Add the distribution, then the instrumentation of the libraries you use',
          code: 'pip install opentelemetry-distro opentelemetry-exporter-otlp\nopentelemetry-bootstrap -a install',
        },
        {
          what: 'Say who you are and where to send to',
          code: settings(target, ['export OTEL_PYTHON_LOGGING_AUTO_INSTRUMENTATION_ENABLED=true']),
        },
        { what: 'Start the application with it', code: 'opentelemetry-instrument python app.py' },
      ],
    },
    {
      id: 'java',
      label: 'Java',
      steps: [
        {
          what: 'Get the agent',
          code: `curl -LO ${DOWNLOADS}/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar`,
        },
        { what: 'Say who you are and where to send to', code: settings(target) },
        {
          what: 'Start the application with it',
          code: 'java -javaagent:./opentelemetry-javaagent.jar -jar app.jar',
        },
      ],
    },
    {
      id: 'dotnet',
      label: '.NET',
      steps: [
        {
          what: 'Install the automatic instrumentation; it is verified where the GitHub CLI (gh) is at hand',
          code:
            `curl -sSfLO ${DOWNLOADS}/opentelemetry-dotnet-instrumentation/releases/latest/download/otel-dotnet-auto-install.sh\n` +
            // Since 1.19 the installer refuses to go on without gh, unless told to.
            'command -v gh >/dev/null || export SKIP_RELEASE_VERIFICATION=true\n' +
            'sh ./otel-dotnet-auto-install.sh',
        },
        { what: 'Say who you are and where to send to', code: settings(target) },
        {
          what: 'Start the application with it',
          code: '. $HOME/.otel-dotnet-auto/instrument.sh\ndotnet run',
        },
      ],
    },
  ];
}
