import { RE2JS } from 're2js';

/** A regular expression that is none of RE2's. */
export class InvalidRegexError extends Error {
  readonly code = 'INVALID_REGEX';
}

/** Selectors are matched against one name after the other, each time with the same few patterns. */
const KEPT_PATTERNS = 64;
const kept = new Map<string, RE2JS>();

/**
 * An expression of RE2, as Prometheus has them, `.` matching newlines; use `matches` for the whole text. It takes time in
 * proportion to the text whatever the pattern: JavaScript's own expressions can be made to run for ever.
 */
export function compileRe2(pattern: string): RE2JS {
  const known = kept.get(pattern);
  if (known) return known;
  const compiled = compile(pattern);
  const [oldest] = kept.keys();
  if (kept.size === KEPT_PATTERNS && oldest !== undefined) kept.delete(oldest);
  kept.set(pattern, compiled);
  return compiled;
}

function compile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern, RE2JS.DOTALL);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InvalidRegexError(
      reason.startsWith('error parsing') ? reason : `error parsing regexp: ${reason}`,
      {
        cause,
      },
    );
  }
}
