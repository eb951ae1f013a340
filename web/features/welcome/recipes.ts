export interface Target {
  readonly host: string;
  readonly httpPort: number;
  readonly grpcPort: number;
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

/** An IPv6 address stands in brackets in a URL; `location.hostname` already has them. */
export const httpEndpoint = ({ host, httpPort }: Target): string => `http://${host}:${httpPort}`;

function settings(target: Target, more: readonly string[] = []): string {
  return [
    'export OTEL_SERVICE_NAME=my-service',
    'export OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=development',
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${httpEndpoint(target)}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    'export OTEL_TRACES_EXPORTER=otlp OTEL_METRICS_EXPORTER=otlp OTEL_LOGS_EXPORTER=otlp',
    ...more,
  ].join('\n');
}

const DOWNLOADS = 'https://github.com/open-telemetry';

/** One span by hand. `traceId` 32 and `spanId` 16 hexadecimal digits; the times are filled in by the shell. */
export function curlSpan(target: Target, traceId: string, spanId: string): string {
  const span =
    `{"traceId":"${traceId}","spanId":"${spanId}","name":"hello","kind":2,` +
    `"startTimeUnixNano":"'$(date +%s)'000000000","endTimeUnixNano":"'$(date +%s)'042000000"}`;
  const resource = '{"attributes":[{"key":"service.name","value":{"stringValue":"hello"}}]}';
  return [
    `curl ${httpEndpoint(target)}/v1/traces -H 'content-type: application/json' -d \\`,
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
          what: 'Install the automatic instrumentation',
          code:
            `curl -sSfLO ${DOWNLOADS}/opentelemetry-dotnet-instrumentation/releases/latest/download/otel-dotnet-auto-install.sh\n` +
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
