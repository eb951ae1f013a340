export function startFlags(): string[];
export function startEnvironment(): Record<string, string>;
