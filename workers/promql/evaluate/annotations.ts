import type { Span } from '../parse/ast.ts';
import { positionOf } from '../parse/promql-syntax-error.ts';

export interface Notes {
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** What a result needs said beside it, each text once, with the place in the query, in Prometheus' words. */
export class Annotations {
  private readonly query: string;
  private readonly warnings = new Set<string>();
  private readonly infos = new Set<string>();

  constructor(query: string) {
    this.query = query;
  }

  warn(text: string, span: Span): void {
    this.warnings.add(`PromQL warning: ${text} (${this.placeOf(span)})`);
  }

  info(text: string, span: Span): void {
    this.infos.add(`PromQL info: ${text} (${this.placeOf(span)})`);
  }

  notes(): Notes {
    return { warnings: [...this.warnings], infos: [...this.infos] };
  }

  private placeOf({ from }: Span): string {
    const { line, column } = positionOf(this.query, from);
    return `${line}:${column}`;
  }
}
