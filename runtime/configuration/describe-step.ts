import type { ConfigurationStep } from './plan-configuration.ts';

/** One line for people. Never holds a secret. */
export function describeStep(step: ConfigurationStep): string {
  switch (step.type) {
    case 'change-setting':
      return `~ setting ${step.path}: ${JSON.stringify(step.before)} -> ${JSON.stringify(step.after)}`;
    case 'set-secret':
      return `~ secret ${step.name}: set`;
    case 'clear-secret':
      return `- secret ${step.name}`;
    case 'remove-role':
      return `- role ${step.before.name}`;
    case 'put-role':
      return described('role', step.after.name, step.before, step.after);
    case 'put-user':
      return described(KINDS[step.kind], step.after.login, step.before, step.after);
  }
}

const KINDS = { person: 'user', service: 'service account' } as const;

/** What the step is about, without what it does to it. */
export function subjectOf(step: ConfigurationStep): string {
  switch (step.type) {
    case 'change-setting':
      return `setting ${step.path}`;
    case 'set-secret':
    case 'clear-secret':
      return `secret ${step.name}`;
    case 'remove-role':
      return `role ${step.before.name}`;
    case 'put-role':
      return `role ${step.after.name}`;
    case 'put-user':
      return `${KINDS[step.kind]} ${step.after.login}`;
  }
}

function described(what: string, name: string, before: object | undefined, after: object): string {
  const was = new Map(Object.entries(before ?? {}).map(([key, value]) => [key, JSON.stringify(value)]));
  const changes = Object.entries(after).flatMap(([key, value]) => {
    const text = JSON.stringify(value);
    if (key === 'login' || was.get(key) === text) return [];
    return before ? [`${key} ${was.get(key) ?? 'nothing'} -> ${text}`] : [`${key} ${text}`];
  });
  return `${before ? '~' : '+'} ${what} ${name}: ${changes.join(', ')}`;
}
