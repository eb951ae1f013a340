import { createEffect, createSignal, onCleanup, onMount, Show, type Accessor, type JSX } from 'solid-js';
import type { ChartColours } from '../../charts/colours.ts';
import { colourIndex } from '../../ui/series-colour.ts';
import type { TraceView } from './create-trace-view.ts';
import type { SpanTree } from './span-tree.ts';

const LEAST_DRAG_PX = 4;

/** All spans, one line each as far as there are pixels; with more spans than that, lines are shared. */
function paint(canvas: HTMLCanvasElement, tree: SpanTree, colours: ChartColours): void {
  const ratio = window.devicePixelRatio;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null || width === 0) return;
  const { length } = tree.order;
  const tall = Math.max(1, Math.min(3 * ratio, height / length));
  for (let row = 0; row < length; row++) {
    const node = tree.nodes[tree.order[row] ?? -1];
    if (node === undefined) continue;
    context.fillStyle = node.isError
      ? colours.error
      : (colours.series[colourIndex(node.span.service.id)] ?? colours.accent);
    const left = (node.startNs / tree.durationNs) * width;
    const wide = Math.max(1, (node.durationNs / tree.durationNs) * width);
    context.fillRect(left, (row / Math.max(length, height / (3 * ratio))) * height, wide, tall);
  }
}

/** The whole trace at a glance. Dragging over it zooms the timeline to that part. */
export function Minimap(props: {
  readonly view: TraceView;
  readonly colours: Accessor<ChartColours>;
}): JSX.Element {
  let canvas!: HTMLCanvasElement;
  let box!: HTMLDivElement;
  const [drag, setDrag] = createSignal<{ readonly fromPx: number; readonly toPx: number }>();
  const tree = () => props.view.tree;

  onMount(() => {
    const repaint = () => {
      paint(canvas, tree(), props.colours());
    };
    createEffect(repaint);
    const observer = new ResizeObserver(repaint);
    observer.observe(box);
    onCleanup(() => {
      observer.disconnect();
    });
  });

  const xOf = (event: PointerEvent) => {
    const area = box.getBoundingClientRect();
    return Math.max(0, Math.min(area.width, event.clientX - area.left));
  };
  const finish = () => {
    const dragged = drag();
    setDrag(undefined);
    if (dragged === undefined || Math.abs(dragged.toPx - dragged.fromPx) < LEAST_DRAG_PX) return;
    const nsPerPx = tree().durationNs / box.clientWidth;
    const [from, to] = [Math.min(dragged.fromPx, dragged.toPx), Math.max(dragged.fromPx, dragged.toPx)];
    props.view.setViewport({ fromNs: from * nsPerPx, toNs: to * nsPerPx });
  };
  const shade = (part: 'left' | 'right') => {
    const { fromNs, toNs } = props.view.viewport();
    const share = part === 'left' ? fromNs / tree().durationNs : 1 - toNs / tree().durationNs;
    return { width: `${share * 100}%` };
  };
  return (
    <div
      ref={box}
      class="minimap"
      role="img"
      aria-label="The whole trace; drag to zoom"
      onPointerDown={(event) => {
        box.setPointerCapture(event.pointerId);
        setDrag({ fromPx: xOf(event), toPx: xOf(event) });
      }}
      onPointerMove={(event) => {
        const begun = drag();
        if (begun !== undefined) setDrag({ fromPx: begun.fromPx, toPx: xOf(event) });
      }}
      onPointerUp={finish}
      onPointerCancel={() => {
        setDrag(undefined);
      }}
      onDblClick={() => {
        props.view.resetZoom();
      }}
    >
      <canvas ref={canvas} />
      <span class="minimap-shade left" style={shade('left')} />
      <span class="minimap-shade right" style={shade('right')} />
      <Show when={drag()}>
        {(dragged) => (
          <span
            class="minimap-drag"
            style={{
              left: `${Math.min(dragged().fromPx, dragged().toPx)}px`,
              width: `${Math.abs(dragged().toPx - dragged().fromPx)}px`,
            }}
          />
        )}
      </Show>
    </div>
  );
}
