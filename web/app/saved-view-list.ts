/** A view that somebody wants to come back to: the search part of its URL. */
export interface SavedView {
  readonly name: string;
  readonly search: string;
}

const MOST_VIEWS = 50;
const MOST_NAME = 80;

/** What storage holds, or nothing where that is no list of views. */
export function readViews(text: string | undefined): readonly SavedView[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter(isView).slice(0, MOST_VIEWS) : [];
  } catch {
    return [];
  }
}

function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null) return false;
  const { name, search } = value as Partial<SavedView>;
  return typeof name === 'string' && typeof search === 'string' && (search === '' || search.startsWith('?'));
}

/** In order of name; one of the same name is replaced. */
export function withView(views: readonly SavedView[], view: SavedView): readonly SavedView[] {
  const name = view.name.trim().slice(0, MOST_NAME);
  if (name === '') return views;
  return [...withoutView(views, name), { name, search: view.search }]
    .sort((one, other) => one.name.localeCompare(other.name))
    .slice(0, MOST_VIEWS);
}

export const withoutView = (views: readonly SavedView[], name: string): readonly SavedView[] =>
  views.filter((view) => view.name !== name);
