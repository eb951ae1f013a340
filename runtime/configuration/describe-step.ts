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
      return described(
        step.kind === 'person' ? 'user' : 'service account',
        step.after.login,
        step.before,
        step.after,
      );
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
