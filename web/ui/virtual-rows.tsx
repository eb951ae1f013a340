import { createMemo, createSignal, Index, onCleanup, onMount, type Accessor, type JSX } from 'solid-js';
import { visibleSpan } from './virtual-span.ts';

export interface VirtualHandle {
  scrollToIndex(index: number): void;
  scrollToEnd(): void;
  readonly element: HTMLDivElement;
}

/**
 * Rows of one height, of which only those in sight exist. Elements are reused: the row of index `i` is rendered by
 * element `i mod pool`, so scrolling by one row changes one element.
 */
export function VirtualRows(props: {
  readonly count: number;
  readonly rowHeight: number;
  readonly label: string;
  readonly role?: 'rowgroup' | 'log';
  readonly handle?: (handle: VirtualHandle) => void;
  readonly onScroll?: (element: HTMLDivElement) => void;
  readonly children: (index: Accessor<number>) => JSX.Element;
}): JSX.Element {
  let viewport!: HTMLDivElement;
  const [scrollTop, setScrollTop] = createSignal(0);
  const [height, setHeight] = createSignal(0);
  const OVERSCAN = 6;

  const slots = createMemo<readonly number[]>(() => {
    const { first, length } = visibleSpan(scrollTop(), height(), props.rowHeight, props.count, OVERSCAN);
    const indexes = new Array<number>(length);
    for (let index = first; index < first + length; index++) indexes[index % length] = index;
    return indexes;
  });

  onMount(() => {
    const observer = new ResizeObserver(() => setHeight(viewport.clientHeight));
    observer.observe(viewport);
    setHeight(viewport.clientHeight);
    onCleanup(() => {
      observer.disconnect();
    });
    props.handle?.({
      element: viewport,
      scrollToIndex(index) {
        const top = index * props.rowHeight;
        if (top < viewport.scrollTop) viewport.scrollTop = top;
        const bottom = top + props.rowHeight - viewport.clientHeight;
        if (bottom > viewport.scrollTop) viewport.scrollTop = bottom;
      },
      scrollToEnd() {
        viewport.scrollTop = viewport.scrollHeight;
      },
    });
  });

  return (
    <div
      ref={viewport}
      class="virtual"
      role={props.role ?? 'rowgroup'}
      aria-label={props.label}
      tabindex="-1"
      onScroll={() => {
        setScrollTop(viewport.scrollTop);
        props.onScroll?.(viewport);
      }}
    >
      <div class="virtual-sizer" style={{ height: `${props.count * props.rowHeight}px` }}>
        <Index each={slots()}>
          {(index) => (
            <div
              class="virtual-row"
              role="presentation"
              style={{
                transform: `translateY(${index() * props.rowHeight}px)`,
                height: `${props.rowHeight}px`,
              }}
            >
              {props.children(index)}
            </div>
          )}
        </Index>
      </div>
    </div>
  );
}
